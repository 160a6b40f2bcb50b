import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import { type KafkaLab, mirrorNames, startKafka } from '../../lab/kafka/index.js'
import { waitFor } from '../../lab/readiness.js'
import { createKafka, type Kafka as Wrapped } from '../../src/connect/kafka/kafka.js'
import { createKafkaConnect } from '../../src/connect/kafka-connect/kafka-connect.js'
import { retentionRace } from '../../src/gates/retention-race.js'
import { targetAccepts } from '../../src/gates/target-accepts.js'
import { createWatch } from '../../src/jobs/watch.js'
import { createLooks, migrationOf } from '../gates/look.js'

const hour = 3_600_000

describe('a record that is dated further ahead than Kafka 4 takes', () => {
  let folder: string
  let lab: KafkaLab
  let kafka: Record<'source' | 'target', Wrapped>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floodgate-watch-'))
    lab = await startKafka({ folder, source: '3.9', target: '4', brokers: 1 }, () => undefined)
    const client = (side: 'source' | 'target') =>
      createKafka({ bootstrap: lab.clusters[side].bootstrap, clientId: 'floodgate' })
    kafka = { source: client('source'), target: client('target') }
    for (const side of ['source', 'target'] as const)
      await kafka[side].createTopic({ topic: 'orders', partitions: 1, replicas: 1, configs: {} })
  }, 240_000)
  afterAll(async () => {
    await Promise.all([kafka?.source.close(), kafka?.target.close()])
    await lab?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('fails the mirror’s task: seen by target-accepts before it starts, by the watch with its cause afterwards', async () => {
    const app = new Kafka({
      brokers: lab.clusters.source.bootstrap,
      logLevel: logLevel.NOTHING,
      retry: { retries: 10 },
    })
    const producer = app.producer()
    await producer.connect()
    const write = (timestamp: number) =>
      producer.send({ topic: 'orders', messages: [{ value: 'x', timestamp: String(timestamp) }] })
    await write(Date.now())
    const plain = migrationOf(['orders'], [{ name: 'shop', produces: ['orders'] }])
    const mirror = { ...plain.mirror, url: lab.connect.target.url, source: mirrorNames.source }
    const migration = { ...plain, mirror }
    let silent = false
    const nobody = 'http://127.0.0.1:1'
    const deps = { kafka, connect: (url: string) => createKafkaConnect(silent ? nobody : url) }
    const look = createLooks(deps, migration)
    let now = Date.now()
    const watch = createWatch({ race: retentionRace, gateDeps: deps, migration })
    const watched = async () => {
      now += 60_001
      return watch('source', now)
    }
    await lab.startMirror(['orders'])
    expect(await watched()).toEqual([])
    expect(await look(targetAccepts)).toMatchObject({ verdict: 'passed' })
    // Mirrored in one batch with the next record it would be the first to fail, and say nothing of timestamps.
    await waitFor(
      async () => (await kafka.target.endOffsets(['orders'])).get('orders')?.get(0) === 1n || undefined,
      60_000,
    )

    await write(Date.now() + 2 * hour)
    await producer.disconnect()
    expect(await look(targetAccepts)).toMatchObject({ verdict: 'failed', reason: 'ahead' })
    const alerts = await waitFor(async () => {
      const found = await watched()
      return found.length > 0 ? found : undefined
    }, 60_000)
    expect(alerts).toMatchObject([{ cause: `mirror/failed/${mirrorNames.source}`, severity: 'warning' }])
    expect(alerts![0]!.text).toMatch(/mirror-source has failed \(1 of \d tasks\): .*[Tt]imestamp/)

    // While nobody answers, what was wrong stands.
    silent = true
    expect(await watched()).toEqual(alerts)
  }, 120_000)
})
