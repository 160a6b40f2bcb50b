import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Kafka as App, logLevel } from 'kafkajs'
import { type Cluster, startCluster } from '../../lab/kafka/cluster.js'
import { createPrepared } from '../../lab/kafka/prepared.js'
import { waitFor } from '../../lab/readiness.js'
import type { KafkaVersion, Progress } from '../../lab/types.js'
import { createConnections } from '../../src/connect/kafka/connections.js'
import { createKafka, type Kafka } from '../../src/connect/kafka/kafka.js'
import { createMetadata } from '../../src/connect/kafka/metadata.js'
import { encodeBatch } from '../../src/connect/kafka/record-batch.js'
import { produce } from '../../src/connect/kafka/requests/produce.js'
import { compactedOf, groupsOf, type Size, topicsOf } from './size.js'

/** When everything here was written, so that what is written on both sides is equal. */
const begun = Date.now()

export interface BenchCluster extends Cluster {
  readonly jars: string
  readonly app: App
  /** A client of its own: the first call on it connects. */
  client(onRequest?: (api: string) => void): Kafka
}

/** One broker that can hold 10,000 partitions: small segments and indices, and a heap to match. */
export async function benchCluster(
  folder: string,
  side: 'source' | 'target',
  version: KafkaVersion,
  progress: Progress,
  settings: Readonly<Record<string, string | number | boolean>> = {},
): Promise<BenchCluster> {
  const below = join(folder, side)
  await mkdir(below, { recursive: true })
  const jars = await createPrepared(progress)(version)
  const cluster = await startCluster(
    {
      folder: below,
      side,
      version,
      jars,
      brokers: 1,
      heapMiB: 3072,
      settings: { 'log.index.size.max.bytes': 4096, 'offsets.topic.num.partitions': 50, ...settings },
    },
    progress,
  )
  const { bootstrap } = cluster
  return {
    ...cluster,
    jars: jars.folder,
    app: new App({ brokers: [...bootstrap], clientId: 'app', logLevel: logLevel.NOTHING, requestTimeout: 60_000 }),
    client: (onRequest) =>
      createKafka({
        bootstrap,
        clientId: 'floodgate-bench',
        scanWithinMs: 120_000,
        ...(onRequest ? { onRequest } : {}),
      }),
  }
}

/** Creates the topics, puts `perPartition` records into every partition, and lets each group commit all but the last of them. */
export async function fill(cluster: BenchCluster, size: Size, perPartition: number, progress: Progress): Promise<void> {
  const topics = topicsOf(size)
  const isCompacted = (topic: string) => compactedOf(size).includes(topic)
  await createTopics(
    cluster,
    topics.filter((topic) => !isCompacted(topic)),
    size.partitions,
  )
  await createTopics(cluster, topics.filter(isCompacted), size.partitions, { 'cleanup.policy': 'compact' })
  progress(`${topics.length} topics x ${size.partitions} partitions are there`)
  await writeAll(cluster, size, perPartition)
  const kafka = cluster.client()
  await commitAll(kafka, size, BigInt(perPartition - 1))
  await kafka.close()
  progress(`each holds ${perPartition} records, and ${size.groups} groups have committed`)
}

/** As a busy producer's batches are about. */
const perBatch = 50
const partitionsAtOnce = 100

/** So many records into every partition, the same bytes each time that it is called so: written on both sides they are equal there. */
export async function writeAll({ bootstrap }: BenchCluster, size: Size, records: number, value = 'record') {
  const connections = createConnections({ bootstrap, clientId: 'floodgate-bench', requestWithinMs: 60_000 })
  const { topics, brokers } = await createMetadata(connections, bootstrap, Date.now).of(topicsOf(size), 0)
  const [broker = ''] = brokers.values()
  const partitions = [...topics].flatMap(([topic, of]) => of.map(({ partition }) => ({ topic, partition })))
  for (let first = 0; first < records; first += perBatch) {
    const batch = batchOf(first, Math.min(perBatch, records - first), value)
    for (let from = 0; from < partitions.length; from += partitionsAtOnce) {
      const error = await connections.send(broker, produce(partitions.slice(from, from + partitionsAtOnce), batch))
      if (error) throw new Error(`writing was refused with error ${error}`)
    }
  }
  await connections.close()
}

function batchOf(first: number, records: number, value: string): Buffer {
  const one = (_: unknown, i: number) => ({
    timestamp: begun + first + i,
    key: Buffer.from(`${value}-${first + i}`),
    value: Buffer.from(`${value} ${first + i}`),
    headers: [],
  })
  return encodeBatch(Array.from({ length: records }, one), { id: -1n, epoch: -1 }, -1)
}

/** Every group commits this offset on every partition of its topics. */
export async function commitAll(kafka: Kafka, size: Size, offset: bigint): Promise<void> {
  const partitions = new Map(Array.from({ length: size.partitions }, (_, i) => [i, offset]))
  await Promise.all(
    groupsOf(size).map(({ group, topics }) => kafka.commit(group, new Map(topics.map((topic) => [topic, partitions])))),
  )
}

/** The call returns long before all partitions have a leader. */
export async function createTopics(
  { app, client }: BenchCluster,
  topics: readonly string[],
  partitions: number,
  configs: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (topics.length === 0) return
  const admin = app.admin()
  await admin.connect()
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
  for (let from = 0; from < topics.length; from += 100)
    await admin.createTopics({
      topics: topics
        .slice(from, from + 100)
        .map((topic) => ({ topic, numPartitions: partitions, replicationFactor: 1, configEntries })),
      waitForLeaders: false,
      timeout: 60_000,
    })
  await admin.disconnect()
  const kafka = client()
  const there = await waitFor(
    () =>
      kafka.endOffsets(topics).then(
        (ends) => (ends.size === topics.length ? true : undefined),
        () => undefined,
      ),
    180_000,
    500,
  )
  await kafka.close()
  if (!there) throw new Error(`${topics.length} topics were not there within 3 minutes`)
}
