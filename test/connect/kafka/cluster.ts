import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { kafkaJars } from '../../../lab/kafka/artefacts.js'
import { startCluster } from '../../../lab/kafka/cluster.js'
import type { Jars } from '../../../lab/kafka/java.js'
import { waitFor } from '../../../lab/readiness.js'
import type { KafkaVersion } from '../../../lab/types.js'
import { createKafka, type Kafka as Wrapped } from '../../../src/connect/kafka/kafka.js'

export interface TestCluster {
  readonly kafka: Wrapped
  /** kafkajs's public interface, as apps use it. */
  readonly app: Kafka
  readonly bootstrap: readonly string[]
  /** What a process beside it is started with. */
  readonly lab: { readonly folder: string; readonly jars: Jars; readonly bootstrap: readonly string[] }
  createTopic(topic: string, partitions?: number, configs?: Record<string, string>): Promise<void>
  /** Waits for what the cluster does in its own time. */
  until(holds: () => Promise<boolean>): Promise<void>
  stop(): Promise<void>
}

export async function testCluster(
  version: KafkaVersion,
  callWithinMs = 10_000,
  settings: Readonly<Record<string, string | number>> = {},
): Promise<TestCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'floodgate-kafka-'))
  const jars = { folder: await kafkaJars(version, () => undefined), recording: false }
  const cluster = await startCluster({ folder, side: 'source', version, brokers: 1, jars, settings }, () => undefined)
  const app = new Kafka({ brokers: cluster.bootstrap, clientId: 'app', logLevel: logLevel.NOTHING })
  const kafka = createKafka({ bootstrap: cluster.bootstrap, clientId: 'floodgate-test', callWithinMs })
  return {
    kafka,
    app,
    bootstrap: cluster.bootstrap,
    lab: { folder, jars, bootstrap: cluster.bootstrap },
    async createTopic(topic, partitions = 1, configs = {}) {
      const admin = app.admin()
      await admin.connect()
      const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
      const topics = [{ topic, numPartitions: partitions, configEntries }]
      // A cluster that has only just started may have no controller yet, which kafkajs takes for the end.
      await until(() =>
        admin.createTopics({ topics, waitForLeaders: false }).then(
          () => true,
          (error: Error) => {
            if (error.name === 'KafkaJSBrokerNotFound') return false
            throw error
          },
        ),
      )
      await admin.disconnect()
      // A broker knows a new topic a moment after it has answered that it was made.
      await until(() =>
        kafka.endOffsets([topic]).then(
          () => true,
          () => false,
        ),
      )
    },
    until,
    async stop() {
      await kafka.close()
      await cluster.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const found = await waitFor(async () => (await holds()) || undefined, 20_000)
  if (!found) throw new Error('it did not come true within 20 s')
}
