import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import { kafkaJars } from '../../lab/kafka/artefacts.js'
import { startCluster } from '../../lab/kafka/cluster.js'
import { waitFor } from '../../lab/readiness.js'
import { createKafka } from '../../src/connect/kafka/kafka.js'
import { replicasFull } from '../../src/gates/replicas-full.js'
import { createLooks, migrationOf } from './look.js'

describe('three brokers of which one is lost', () => {
  it('are under-replicated, and still answer from the leaders that took over', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'floodgate-replicas-'))
    const jars = { folder: await kafkaJars('3.9', () => undefined), recording: false }
    const cluster = await startCluster({ folder, side: 'source', version: '3.9', brokers: 3, jars }, () => undefined)
    const kafka = createKafka({ bootstrap: cluster.bootstrap, clientId: 'floodgate' })
    try {
      const app = new Kafka({ brokers: cluster.bootstrap, logLevel: logLevel.NOTHING })
      const admin = app.admin()
      await admin.connect()
      await admin.createTopics({
        topics: [{ topic: 'orders', numPartitions: 6, replicationFactor: 3 }],
        waitForLeaders: false,
      })
      await admin.disconnect()
      const look = createLooks(
        { kafka: { source: kafka, target: kafka } },
        migrationOf(['orders'], [{ name: 'reader', group: 'g', consumes: ['orders'] }]),
      )
      const until = (verdict: string) =>
        waitFor(async () => {
          const found = await look(replicasFull)
          return found.verdict === verdict ? found : undefined
        }, 30_000)
      expect(await until('passed')).toBeDefined()
      const producer = app.producer()
      await producer.connect()
      await producer.send({ topic: 'orders', messages: Array.from({ length: 60 }, (_, i) => ({ value: String(i) })) })
      await producer.disconnect()
      const before = await kafka.endOffsets(['orders'])

      await cluster.brokers[2]!.kill()
      // Leaders of the lost broker are looked up anew and asked again, within the call.
      expect(await kafka.endOffsets(['orders'])).toEqual(before)
      expect(await until('failed')).toMatchObject({
        reason: 'under-replicated',
        text: expect.stringContaining('source orders-'),
      })
      await kafka.commit('g', before)
      expect((await kafka.committed(['g'])).get('g')).toEqual(before)
    } finally {
      await kafka.close()
      await cluster.stop()
      await rm(folder, { recursive: true, force: true })
    }
  }, 120_000)
})
