import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Producer } from 'kafkajs'
import { caughtUp } from '../../src/gates/caught-up.js'
import { tailsEqual } from '../../src/gates/tails-equal.js'
import { targetSilent } from '../../src/gates/target-silent.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'
import { createLooks, migrationOf } from './look.js'

// The mirror's part is played by writing the same records to the target as MirrorMaker 2 does; MirrorMaker 2 itself is in road.test.ts.
let source: TestCluster
let target: TestCluster
beforeAll(async () => {
  ;[source, target] = await Promise.all([testCluster('2.4'), testCluster('4')])
}, 120_000)
const producers: Producer[] = []
afterAll(async () => {
  await Promise.all(producers.map((producer) => producer.disconnect()))
  await Promise.all([source.stop(), target.stop()])
}, 60_000)

interface Written {
  readonly key: string | null
  readonly value: string | Buffer | null
  readonly timestamp: string
  readonly headers?: Record<string, string | string[]>
  readonly partition?: number
}

async function write(cluster: TestCluster, topic: string, messages: readonly Written[]) {
  const producer = cluster.app.producer()
  await producer.connect()
  await producer.send({ topic, messages: messages.map((one) => ({ ...one })) })
  await producer.disconnect()
}

function looksOf(topic: string, hooks: Partial<TestCluster['kafka']> = {}, settings: Record<string, string> = {}) {
  const connect = () => ({
    status: async () => ({ state: 'STOPPED', tasks: [] }),
    offsets: async () => [],
    settings: async () => settings,
  })
  return createLooks(
    { kafka: { source: { ...source.kafka, ...hooks }, target: target.kafka }, connect },
    migrationOf([topic], [{ name: 'p', produces: [topic] }]),
  )
}

/** All gates that rest on the comparison. */
async function expectEqual(look: ReturnType<typeof looksOf>, records: number, compared: number) {
  expect(await look(tailsEqual, { records })).toMatchObject({ verdict: 'passed', evidence: { compared } })
  expect(await look(targetSilent, { records })).toMatchObject({ verdict: 'passed', evidence: { compared } })
  expect(await look(caughtUp, { records: 0, seconds: 0 })).toMatchObject({ verdict: 'passed' })
}

async function expectDifferent(look: ReturnType<typeof looksOf>, where: string) {
  const failed = { verdict: 'failed', text: expect.stringContaining(where) }
  expect(await look(tailsEqual, { records: 100 })).toMatchObject(failed)
  expect(await look(targetSilent, { records: 100 })).toMatchObject({ ...failed, reason: 'strangers' })
  // By the mirror's own word, which here has acknowledged nothing.
  expect(await look(caughtUp, { records: 0, seconds: 0 })).toMatchObject(failed)
}

const at = (n: number) => String(Date.now() - 1000 + n)
/** Kafka 2.4 takes 1 MB by itself, later ones 1 MiB. */
const roomy = { 'max.message.bytes': '1100000' }
const some: Written[] = [
  { key: null, value: null, timestamp: at(0) },
  { key: '', value: '', timestamp: at(1), headers: { b: '1', a: ['2', '3'] } },
  { key: 'k', value: Buffer.alloc(1_040_000, 7), timestamp: at(2) },
]

describe('tails on a 2.4 and a 4.1 cluster', () => {
  it('are equal for nulls, empties, headers in order and large values', async () => {
    await Promise.all([source.createTopic('same', 1, roomy), target.createTopic('same', 1, roomy)])
    await write(source, 'same', some)
    await write(target, 'same', some)
    await expectEqual(looksOf('same'), 100, 3)
  })

  it('are equal where partitions are empty on both sides', async () => {
    await Promise.all([source.createTopic('hollow', 3), target.createTopic('hollow', 3)])
    await expectEqual(looksOf('hollow'), 100, 0)
  })

  it('are equal for what transactions left, as the mirror reads them; one that stays open keeps it behind', async () => {
    const [real, aborted, open] = [0, 1, 2].map((i): Written => ({ key: `k${i}`, value: `v${i}`, timestamp: at(i) }))
    const kinds = [
      { topic: 'uncommitted', brought: [real!, aborted!, open!], isolation: 'read_uncommitted' },
      { topic: 'committed', brought: [real!], isolation: 'read_committed' },
    ]
    for (const { topic, brought, isolation } of kinds) {
      await Promise.all([source.createTopic(topic), target.createTopic(topic)])
      const producer = source.app.producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 })
      await producer.connect()
      producers.push(producer)
      for (const [record, end] of [
        [real!, 'commit'],
        [aborted!, 'abort'],
        [open!, undefined],
      ] as const) {
        const transaction = await producer.transaction()
        await transaction.send({ topic, messages: [{ ...record }] })
        if (end) await transaction[end]()
      }
      await write(target, topic, brought)
      const look = looksOf(topic, {}, { 'consumer.isolation.level': isolation })
      if (isolation === 'read_uncommitted') await expectEqual(look, 100, 3)
      else {
        expect(await look(tailsEqual, { records: 100 })).toMatchObject({ verdict: 'passed', evidence: { compared: 1 } })
        expect(await look(caughtUp, { records: 0, seconds: 0 })).toMatchObject({
          verdict: 'failed',
          evidence: { total: 1 },
        })
      }
    }
  })

  it.each([
    { what: 'a null that became empty', topic: 'nulls', altered: { ...some[0]!, value: '' } },
    {
      what: 'headers in another order',
      topic: 'headers',
      altered: { ...some[1]!, headers: { a: ['2', '3'], b: '1' } },
    },
    { what: 'another timestamp', topic: 'timestamps', altered: { ...some[1]!, timestamp: at(500) } },
  ])('differ by $what', async ({ topic, altered }) => {
    await Promise.all([source.createTopic(topic, 1, roomy), target.createTopic(topic, 1, roomy)])
    const index = altered.key === null ? 0 : 1
    await write(source, topic, some)
    await write(
      target,
      topic,
      some.map((one, i) => (i === index ? altered : one)),
    )
    await expectDifferent(looksOf(topic), `${topic}-0`)
  })

  it('are equal whatever codec and batches either side was written with', async () => {
    await Promise.all([
      source.createTopic('codecs'),
      target.createTopic('codecs', 1, { 'message.timestamp.type': 'LogAppendTime' }),
    ])
    const input = Array.from({ length: 300 }, (_, i) => `key${i % 9}:value ${i}`).join('\n')
    const kcat = (cluster: TestCluster, codec: string, batch: number) =>
      execFileSync(
        'kcat',
        ['-P', '-b', cluster.bootstrap.join(), '-t', 'codecs', '-K:', '-z', codec, '-X', `batch.num.messages=${batch}`],
        { input },
      )
    kcat(source, 'lz4', 7)
    kcat(source, 'gzip', 11)
    kcat(target, 'zstd', 100)
    kcat(target, 'snappy', 3)
    await expectEqual(looksOf('codecs'), 250, 250)
  })

  it('are equal behind a log start above zero, also where retention moves it while they are compared', async () => {
    await Promise.all([source.createTopic('short'), target.createTopic('short')])
    const five = Array.from({ length: 5 }, (_, i): Written => ({ key: `k${i}`, value: `v${i}`, timestamp: at(i) }))
    await write(source, 'short', five)
    await write(target, 'short', five)
    const shorten = async (offset: string) => {
      const admin = source.app.admin()
      await admin.connect()
      await admin.fetchTopicOffsets('short')
      await admin.deleteTopicRecords({ topic: 'short', partitions: [{ partition: 0, offset }] })
      await admin.disconnect()
    }
    await shorten('1')
    await expectEqual(looksOf('short'), 4, 4)
    const scan: typeof source.kafka.scan = async (...args) => {
      await shorten('3')
      return source.kafka.scan(...args)
    }
    expect(await looksOf('short', { scan })(tailsEqual, { records: 2 })).toMatchObject({
      verdict: 'passed',
      evidence: { compared: 2 },
    })
  })

  it('are compared in turns where one look has no time for all of them, and what has grown since is compared anew', async () => {
    const status = { state: 'STOPPED', tasks: [] }
    const connect = () => ({ offsets: async () => [], settings: async () => ({}), status: async () => status })
    await Promise.all([source.createTopic('turns', 3), target.createTopic('turns', 3)])
    const each = [0, 1, 2].map((partition) => ({ key: null, value: `in ${partition}`, timestamp: at(0), partition }))
    await write(source, 'turns', each)
    await write(target, 'turns', each)
    let clock = 0
    const looks = createLooks(
      // As many records as are held at once, so that each partition is a portion; and time for one of them.
      { kafka: { source: source.kafka, target: target.kafka }, connect, clock: () => (clock += 6000) },
      migrationOf(['turns'], [{ name: 'p', produces: ['turns'] }]),
    )
    const records = 50_000
    for (const look of [() => looks(tailsEqual, { records }), () => looks(targetSilent, { records })]) {
      expect(await look()).toMatchObject({
        verdict: 'inconclusive',
        text: expect.stringContaining('1 of 3 partitions'),
      })
      expect(await look()).toMatchObject({
        verdict: 'inconclusive',
        text: expect.stringContaining('2 of 3 partitions'),
      })
      expect(await look()).toMatchObject({ verdict: 'passed', text: expect.stringContaining('3 partitions') })
    }
    await write(target, 'turns', [{ key: 'stranger', value: '', timestamp: at(0), partition: 2 }])
    expect(await looks(targetSilent, { records })).toMatchObject({
      verdict: 'failed',
      text: expect.stringContaining('turns-2'),
    })
    // What was compared longest ago comes next, so a difference shows once all have had their turn.
    const verdicts = [1, 2, 3].map(() => () => looks(tailsEqual, { records }))
    const found = []
    for (const look of verdicts) found.push((await look()).verdict)
    expect(found).toContain('failed')
  })

  it('are equal on a compacted topic though one side has dropped what was superseded', async () => {
    const configs = { 'cleanup.policy': 'compact', 'segment.ms': '100', 'min.cleanable.dirty.ratio': '0.001' }
    await Promise.all([
      source.createTopic('table', 1, configs),
      target.createTopic('table', 1, { 'cleanup.policy': 'compact' }),
    ])
    const left = async (to: bigint) => {
      let records = 0
      await source.kafka.scan([{ topic: 'table', partition: 0, from: 0n, to }], (_, batch) => {
        records += batch.count
      })
      return records
    }
    let written = 0
    await source.until(async () => {
      // A segment is closed by the next record only, and the one that is open is not compacted.
      const rows = [0, 1, 2].map((i) => ({ key: `k${i}`, value: `v${written + i}`, timestamp: at(written + i) }))
      await Promise.all([write(source, 'table', rows), write(target, 'table', rows)])
      written += rows.length
      return (await left(BigInt(written))) < written
    })
    expect(await looksOf('table')(tailsEqual, { records: 100 })).toMatchObject({ verdict: 'passed' })
    expect(await looksOf('table')(caughtUp, { records: 0, seconds: 0 })).toMatchObject({ verdict: 'passed' })
    expect(await looksOf('table')(targetSilent, { records: 100 })).toMatchObject({ verdict: 'passed' })
    await write(target, 'table', [{ key: 'k0', value: 'other', timestamp: at(0) }])
    await expectDifferent(looksOf('table'), 'table-0')
  }, 60_000)
})
