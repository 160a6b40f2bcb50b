import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kafka as App, logLevel } from 'kafkajs'
import { type KafkaLab, startKafka } from '../../../lab/kafka/index.js'
import { waitFor } from '../../../lab/readiness.js'
import { mirrorStart } from '../../../src/actions/mirror-start.js'
import { mirrorStop } from '../../../src/actions/mirror-stop.js'
import { createKafka, type Kafka } from '../../../src/connect/kafka/kafka.js'
import { createKafkaConnect } from '../../../src/connect/kafka-connect/kafka-connect.js'
import { createOlderConnect } from '../../../src/connect/kafka-connect/older-connect.js'
import { createMirrorResource, type MirrorResource } from '../../../src/connect/strimzi/mirror.js'
import { caughtUp } from '../../../src/gates/caught-up.js'
import { mirrorAlone } from '../../../src/gates/mirror-alone.js'
import { mirrorFinal } from '../../../src/gates/mirror-final.js'
import { mirrorRuns } from '../../../src/gates/mirror-runs.js'
import { isAtRest } from '../../../src/gates/reading/connector.js'
import { tailsEqual } from '../../../src/gates/tails-equal.js'
import { targetSilent } from '../../../src/gates/target-silent.js'
import { waterline } from '../../../src/gates/waterline.js'
import { createLooks, migrationOf } from '../../gates/look.js'
import { startLab } from '../kubernetes-lab.js'
import { names, startOperator } from './operator.js'

const topic = 'orders'

/** What Strimzi makes of a resource: today's, and AMQ Streams 1.7's, which knows neither `state` nor Kafka Connect's `stop`. */
const estates = [
  { source: '3.9', target: '4', connect: '3.9', version: 'v1', ways: ['stopped', 'paused', 'replicas'] },
  { source: '2.4', target: '2.8', connect: '2.8', version: 'v1beta2', ways: ['paused', 'replicas'] },
] as const

describe.each(estates)(
  'a mirror of Kafka $connect that belongs to Strimzi',
  ({ source, target, connect, version, ways }) => {
    let folder: string
    let lab: KafkaLab
    let kubernetes: Awaited<ReturnType<typeof startLab>>
    let operator: Awaited<ReturnType<typeof startOperator>>
    let kafka: Record<'source' | 'target', Kafka>
    let written = 0

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'floodgate-strimzi-'))
      const workers = { source: connect, target: connect }
      const options = { folder, source, target, connect: workers, brokers: 1 } as const
      ;[lab, kubernetes] = await Promise.all([startKafka(options, () => undefined), startLab()])
      const client = (side: 'source' | 'target') =>
        createKafka({ bootstrap: lab.clusters[side].bootstrap, clientId: 'floodgate' })
      kafka = { source: client('source'), target: client('target') }
      const app = new App({ brokers: [...lab.clusters.source.bootstrap], logLevel: logLevel.NOTHING })
      const admin = app.admin()
      await admin.connect()
      await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: false })
      await admin.disconnect()
      await lab.startMirror([topic])
      operator = await startOperator(kubernetes.lab, lab, { version, connect })
    }, 240_000)
    afterAll(async () => {
      await operator?.stop()
      await Promise.all([kafka?.source.close(), kafka?.target.close(), kubernetes?.stop()])
      await lab?.stop()
      await rm(folder, { recursive: true, force: true })
    }, 60_000)

    async function write(count: number): Promise<void> {
      const app = new App({ brokers: [...lab.clusters.source.bootstrap], logLevel: logLevel.NOTHING })
      const producer = app.producer()
      await producer.connect()
      await producer.send({
        topic,
        messages: Array.from({ length: count }, (_, i) => ({ value: `${written + i}`, partition: i % 3 })),
      })
      await producer.disconnect()
      written += count
    }
    const mirrored = async () => {
      let sum = 0n
      for (const end of (await kafka.target.endOffsets([topic])).get(topic)?.values() ?? []) sum += end
      return Number(sum)
    }
    const until = async (what: string, holds: () => Promise<boolean>) => {
      const found = await waitFor(async () => (await holds().catch(() => false)) || undefined, 60_000, 250)
      if (!found) throw new Error(`not within 60 s: ${what}`)
    }
    const sorted = (offsets: readonly { partition: object; offset: object | null }[]) =>
      offsets
        .map(({ partition, offset }) =>
          JSON.stringify([Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1)), offset]),
        )
        .sort()

    it.each(ways)(
      'is stopped by %s with its last positions in the offsets topic, and goes on from there: nothing lost, nothing twice',
      async (stop) => {
        const resource: MirrorResource = { name: 'mm2', version, stop, offsets: 'connect-target-offsets.internal' }
        const worker = createMirrorResource(
          { resources: kubernetes.workloads.target.mirrorMakers, kafka: kafka.target },
          resource,
        )
        const plain = migrationOf([topic], [{ name: 'app' }])
        // MirrorMaker before 3.0 keeps names by an alias that is empty.
        const alias = { source: connect === '2.8' ? '' : 'source', target: 'target' }
        const migration = {
          ...plain,
          mirror: { ...plain.mirror, source: names.source, checkpoint: names.checkpoint, alias },
        }
        const deps = { kafka, connect: () => worker }
        const look = createLooks<typeof deps>(deps, migration)
        const context = () => ({
          now: Date.now(),
          migration,
          fact: async () => undefined,
          stillMine: async () => undefined,
        })
        const drive = async (action: typeof mirrorStop | typeof mirrorStart) => {
          for (const effect of (await action.plan(deps, {}, context())).effects)
            await action.perform(deps, effect, context())
        }

        await write(300)
        await until('the first records', async () => (await mirrored()) === written)
        expect(await worker.settings(names.source, ['source.consumer.isolation.level', 'topics', 'tasks.max'])).toEqual(
          {
            'source.consumer.isolation.level': 'read_committed',
            topics: 'orders',
          },
        )

        await drive(mirrorStop)
        await until('final positions', async () => (await look(mirrorFinal)).verdict === 'passed')
        expect(await worker.status(names.source)).toMatchObject({ state: stop === 'paused' ? 'PAUSED' : 'STOPPED' })
        // Done already: nothing is left to do, whoever asks again.
        expect((await mirrorStop.plan(deps, {}, context())).effects).toEqual([])
        await write(30)
        const left = await worker.offsets(names.source)
        const acknowledged = left.reduce((sum, { offset }) => sum + Number(offset?.offset) + 1, 0)
        expect(acknowledged).toBe(written - 30)
        expect(await look(caughtUp, { records: 30, seconds: 60 })).toMatchObject({ verdict: 'passed' })
        expect(await look(tailsEqual, { records: 100 })).toMatchObject({ verdict: 'passed' })
        expect(await look(targetSilent)).toMatchObject({ verdict: 'passed' })
        expect(await look(waterline)).toMatchObject({ verdict: 'passed', evidence: { leftBehind: { [topic]: 30 } } })
        if (stop === 'stopped') {
          const { offsets } = (await operator.offsetsByRest()) as { offsets: typeof left }
          expect(sorted(left)).toEqual(sorted(offsets))
        }
        expect(await mirrored()).toBe(written - 30)

        await drive(mirrorStart)
        await until('it runs', async () => (await look(mirrorRuns)).verdict === 'passed')
        await until('the rest', async () => (await mirrored()) === written)
        await write(3)
        await until('what came after', async () => (await mirrored()) >= written)
        expect(await mirrored()).toBe(written)
      },
      240_000,
    )

    it('is not alone beside another resource that brings the same topics', async () => {
      const worker = createMirrorResource(
        { resources: kubernetes.workloads.target.mirrorMakers, kafka: kafka.target },
        { name: 'mm2', version, stop: 'paused', offsets: 'x' },
      )
      const plain = migrationOf([topic], [{ name: 'app' }])
      const migration = { ...plain, mirror: { ...plain.mirror, source: names.source, checkpoint: names.checkpoint } }
      const deps = { connect: () => worker }
      const look = createLooks<typeof deps>(deps, migration)
      expect(await look(mirrorAlone)).toMatchObject({ verdict: 'passed' })
      await operator.another('mm3', topic)
      expect(await look(mirrorAlone)).toMatchObject({
        verdict: 'failed',
        text: `mm3/${names.source} brings ${topic} too: name them in its topics.exclude`,
      })
      await operator.another('mm4', 'stock')
      expect((await look(mirrorAlone)).text).not.toContain('mm4')
    })

    it('is stopped by Kafka Connect itself where no operator watches: under live traffic, too, what it has sent must have arrived', async () => {
      await operator.stop()
      const { url } = lab.connect.target
      const worker =
        connect === '2.8'
          ? createOlderConnect(url, 'connect-target-offsets.internal', kafka.target)
          : createKafkaConnect(url)
      const plain = migrationOf([topic], [{ name: 'app' }])
      const alias = { source: connect === '2.8' ? '' : 'source', target: 'target' }
      const migration = { ...plain, mirror: { ...plain.mirror, source: names.source, alias } }
      const look = createLooks<{ kafka: typeof kafka; connect: () => typeof worker }>(
        { kafka, connect: () => worker },
        migration,
      )
      await write(60)
      await until('what came after', async () => (await mirrored()) >= written)
      expect(await worker.stop(names.source)).toBe(connect === '2.8' ? 'pause' : 'stop')
      await until('it rests', async () => isAtRest(await worker.status(names.source)))
      await write(30)
      if (connect === '2.8') {
        await until('that it waits', async () => (await look(mirrorFinal)).reason === 'under-way')
        expect(await look(mirrorFinal, {}, Date.now() + 66_000)).toMatchObject({ verdict: 'passed' })
      } else await until('final positions', async () => (await look(mirrorFinal)).verdict === 'passed')
      expect(await look(waterline)).toMatchObject({ verdict: 'passed', evidence: { leftBehind: { [topic]: 30 } } })
      expect(await mirrored()).toBe(written - 30)
    }, 240_000)

    it('says which connectors there are when migration.yaml names another, and that a resource is not there', async () => {
      const { mirrorMakers } = kubernetes.workloads.target
      const of = (name: string) =>
        createMirrorResource(
          { resources: mirrorMakers, kafka: kafka.target },
          { name, version, stop: 'stopped', offsets: 'x' },
        )
      await expect(of('mm2').status('mirror-source')).rejects.toThrow(/no connector mirror-source, only source->target/)
      await expect(of('nobody').status(names.source)).rejects.toMatchObject({ code: 'not-found' })
    })
  },
)
