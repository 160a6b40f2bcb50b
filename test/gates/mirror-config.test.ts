import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import { createConnector } from '../../lab/kafka/connectors.js'
import { type KafkaLab, startKafka } from '../../lab/kafka/index.js'
import { waitFor } from '../../lab/readiness.js'
import { createKafka, type Kafka as Wrapped } from '../../src/connect/kafka/kafka.js'
import { createKafkaConnect } from '../../src/connect/kafka-connect/kafka-connect.js'
import { mirrorConfig } from '../../src/gates/mirror-config.js'
import { lossOfLatest } from '../../src/proof/mirror-config.js'
import { createLooks, migrationOf } from './look.js'

describe('a mirror that is set up wrongly', () => {
  let folder: string
  let lab: KafkaLab
  let source: Wrapped
  let target: Wrapped
  const history = 40

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floodgate-mirror-'))
    lab = await startKafka({ folder, source: '3.9', target: '4', brokers: 1 }, () => undefined)
    const client = (side: 'source' | 'target') =>
      createKafka({ bootstrap: lab.clusters[side].bootstrap, clientId: 'floodgate' })
    ;[source, target] = [client('source'), client('target')]
  }, 240_000)
  afterAll(async () => {
    await Promise.all([source?.close(), target?.close()])
    await lab?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  /** Writes history, mirrors the topic by these settings, and looks with the gate and at the target. */
  async function mirror(topic: string, settings: Record<string, string>, alias = {}) {
    const app = new Kafka({ brokers: lab.clusters.source.bootstrap, logLevel: logLevel.NOTHING })
    await source.createTopic({ topic, partitions: 1, replicas: 1, configs: {} })
    const producer = app.producer({ idempotent: true, transactionalId: topic, maxInFlightRequests: 1 })
    await producer.connect()
    const values = (of: string) => Array.from({ length: history / 2 }, (_, i) => ({ value: `${of} ${i}` }))
    for (const end of ['abort', 'commit'] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: values(end) })
      await transaction[end]()
    }
    const bytes = 'org.apache.kafka.connect.converters.ByteArrayConverter'
    await createConnector(lab.connect.target.url, {
      name: topic,
      state: 'RUNNING',
      config: {
        'connector.class': 'org.apache.kafka.connect.mirror.MirrorSourceConnector',
        'source.cluster.alias': 'source',
        'target.cluster.alias': 'target',
        'source.cluster.bootstrap.servers': lab.clusters.source.bootstrap.join(),
        'target.cluster.bootstrap.servers': lab.clusters.target.bootstrap.join(),
        'key.converter': bytes,
        'value.converter': bytes,
        'header.converter': bytes,
        'replication.factor': '1',
        'offset-syncs.topic.replication.factor': '1',
        'refresh.topics.interval.seconds': '1',
        'sync.topic.acls.enabled': 'false',
        topics: topic,
        ...settings,
      },
    })
    // One more, so that something arrives even where history does not.
    const arrived = await waitFor(async () => {
      await producer.send({ topic, messages: [{ value: 'last' }] })
      const found = await valuesOf(topic)
      return found.includes('last') ? found : undefined
    }, 45_000)
    await producer.disconnect()
    const migration = migrationOf(
      [topic],
      [{ name: 'app', group: 'g', consumes: [topic], isolation: 'read_committed' }],
    )
    const given = {
      ...migration,
      mirror: { ...migration.mirror, url: lab.connect.target.url, source: topic, ...alias },
    }
    const look = (args = {}) => createLooks({ connect: createKafkaConnect }, given)(mirrorConfig, args)
    return { arrived: arrived ?? [], look }
  }

  /** What the target holds under either name. */
  async function valuesOf(topic: string): Promise<string[]> {
    const { topics } = await target.state()
    const found = [topic, `source.${topic}`].find((name) => topics.has(name))
    if (!found) return []
    const to = (await target.endOffsets([found])).get(found)!.get(0)!
    const values: string[] = []
    await target.scan([{ topic: found, partition: 0, from: 0n, to }], (_, batch) => {
      if (!batch.control) values.push(...batch.records().map(({ value }) => String(value)))
    })
    return values
  }

  const identity = { 'replication.policy.class': 'org.apache.kafka.connect.mirror.IdentityReplicationPolicy' }
  const committed = { 'source.consumer.isolation.level': 'read_committed' }

  it('is passed when it brings all history, under its own names, and nothing that was aborted', async () => {
    const { arrived, look } = await mirror('whole', { ...identity, ...committed })
    expect(arrived.filter((value) => value.startsWith('commit'))).toHaveLength(history / 2)
    expect(arrived.filter((value) => value.startsWith('abort'))).toEqual([])
    expect(await look()).toMatchObject({ verdict: 'passed', text: expect.stringContaining('MirrorMaker 3.9.2') })
  }, 90_000)

  it('loses history when it reads from latest; that passes only where it is declared', async () => {
    const latest = { 'source.consumer.auto.offset.reset': 'latest' }
    const { arrived, look } = await mirror('late', { ...identity, ...committed, ...latest })
    expect(arrived.filter((value) => value.startsWith('commit')).length).toBeLessThan(history / 2)
    expect(await look()).toMatchObject({
      verdict: 'failed',
      reason: 'offset-reset',
      text: expect.stringContaining('on MirrorMaker 3.9.2 all history is left out'),
    })
    expect(await look({ from: 'latest' })).toMatchObject({ verdict: 'passed' })
  }, 90_000)

  it('brings what was aborted as if it were real when it reads uncommitted', async () => {
    const { arrived, look } = await mirror('aborted', identity)
    expect(arrived.filter((value) => value.startsWith('abort'))).toHaveLength(history / 2)
    expect(await look()).toMatchObject({ verdict: 'failed', reason: 'isolation' })
  }, 90_000)

  it('writes where no app reads when names are not kept', async () => {
    const { look } = await mirror('renamed', committed)
    expect((await target.state()).topics.has('source.renamed')).toBe(true)
    expect((await target.state()).topics.has('renamed')).toBe(false)
    expect(await look()).toMatchObject({ verdict: 'failed', reason: 'names' })
  }, 90_000)

  it('is not found when there is none, or by another alias than the positions have', async () => {
    const { look } = await mirror(
      'named',
      { ...identity, ...committed },
      { alias: { source: 'old', target: 'target' } },
    )
    expect(await look()).toMatchObject({ verdict: 'failed', reason: 'alias' })
    const migration = migrationOf(['x'], [{ name: 'app' }])
    const absent = { ...migration, mirror: { ...migration.mirror, url: lab.connect.target.url, source: 'nobody' } }
    expect(await createLooks({ connect: createKafkaConnect }, absent)(mirrorConfig)).toMatchObject({
      verdict: 'failed',
      reason: 'absent',
    })
  }, 90_000)
})

describe('what reading from latest means', () => {
  it.each([
    ['2.7.2', 'does not listen'],
    ['3.6.1', 'wherever the log start is above zero'],
    ['3.6.2', 'all history is left out'],
    ['3.9.2', 'all history is left out'],
    ['4.1.2', 'all history is left out'],
  ])('depends on the version: %s', (version, said) => {
    expect(lossOfLatest(version)).toContain(said)
  })
})
