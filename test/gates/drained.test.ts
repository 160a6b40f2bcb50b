import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Producer, Transaction } from 'kafkajs'
import { drained } from '../../src/gates/drained.js'
import { groupsEmpty } from '../../src/gates/groups-empty.js'
import { noWrites } from '../../src/gates/no-writes.js'
import { offsetsStill } from '../../src/gates/offsets-still.js'
import { oneSideWrites } from '../../src/gates/one-side-writes.js'
import { orphansNamed } from '../../src/gates/orphans-named.js'
import { positioned } from '../../src/gates/positioned.js'
import { sealed } from '../../src/gates/sealed.js'
import { waterline } from '../../src/gates/waterline.js'
import { fromJson, toJson } from '../../src/proof/offsets.js'
import type { Json } from '../../src/runbook/json.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'
import { createLooks, migrationOf } from './look.js'

const side = { side: 'source' }
let cluster: TestCluster
beforeAll(async () => {
  cluster = await testCluster('3.9')
}, 120_000)
const producers: Producer[] = []
afterAll(async () => {
  await Promise.all(producers.map((producer) => producer.disconnect()))
  await cluster.stop()
})

describe('a group is drained when a fetch from its commits finds no data record', () => {
  const markers = 'a lag of commit markers'
  const isolation = 'read_committed' as const
  it.each([
    {
      name: markers,
      write: [commit(2)],
      committed: 2n,
      isolation,
      verdict: 'passed',
      text: 'the lag of 1 offset that is left holds no data',
    },
    {
      name: 'aborted records to a reader of committed ones',
      write: [commit(1), abort(3)],
      committed: 1n,
      isolation,
      verdict: 'passed',
      text: 'holds no data',
    },
    {
      name: 'aborted records to a reader of all',
      write: [commit(1), abort(3)],
      committed: 1n,
      isolation: 'read_uncommitted' as const,
      verdict: 'failed',
      text: '3 records',
    },
    {
      name: 'aborted records to a reader whose isolation nobody knows',
      write: [commit(1), abort(3)],
      committed: 1n,
      verdict: 'failed',
      text: '3 records',
    },
    {
      name: 'a transaction that is still open',
      write: [leaveOpen(2)],
      committed: 0n,
      isolation,
      verdict: 'failed',
      text: '2 records',
    },
    {
      name: 'one plain record',
      write: [plain(3)],
      committed: 2n,
      isolation,
      verdict: 'failed',
      text: '1 record (most in',
    },
    {
      name: 'one tombstone',
      write: [plain(1, null)],
      committed: 0n,
      isolation,
      verdict: 'failed',
      text: '1 record (most in',
    },
    {
      name: 'one record of 1 MiB',
      write: [plain(1, 'x'.repeat(1_040_000))],
      committed: 0n,
      isolation,
      verdict: 'failed',
      text: '1 record (most in',
    },
    { name: 'all read', write: [plain(3)], committed: 3n, isolation, verdict: 'passed', text: 'lag is 0' },
    {
      name: 'records and never a commit',
      write: [plain(3)],
      isolation,
      verdict: 'failed',
      text: 'never committed there',
    },
    { name: 'nothing written and never a commit', write: [], isolation, verdict: 'passed', text: 'lag is 0' },
    {
      name: 'a commit below the log start',
      write: [plain(4), shorten(4)],
      committed: 1n,
      isolation,
      verdict: 'passed',
      text: 'lag is 0',
    },
    {
      name: 'records above a log start that passed the commit',
      write: [plain(4), shorten(3)],
      committed: 1n,
      isolation,
      verdict: 'failed',
      text: '1 record ',
    },
  ])('$name: $verdict', async ({ write, committed, isolation: level, verdict, text }) => {
    const topic = `t${topics++}`
    await cluster.createTopic(topic)
    for (const one of write) await one(topic)
    if (committed !== undefined) await cluster.kafka.commit(`g-${topic}`, new Map([[topic, new Map([[0, committed]])]]))
    const look = looksOf([topic], `g-${topic}`, level)
    expect(await look(drained, side)).toMatchObject({ verdict, text: expect.stringContaining(text) })
  })

  it('neither passes over a record nor gives up where retention moves the log start while it looks', async () => {
    await cluster.createTopic('moving')
    await plain(4)('moving')
    await cluster.kafka.commit('late', new Map([['moving', new Map([[0, 1n]])]]))
    const scan: typeof cluster.kafka.scan = async (...args) => {
      await shorten(3)('moving')
      return cluster.kafka.scan(...args)
    }
    expect(await looksOf(['moving'], 'late', isolation, 0, undefined, { scan })(drained, side)).toMatchObject({
      verdict: 'failed',
      reason: 'unread',
    })
    // What retention took was never read, and is no longer there to be.
    expect(await looksOf(['moving'], 'late', isolation)(drained, side)).toMatchObject({
      verdict: 'failed',
      text: expect.stringContaining('1 record '),
    })
  })

  it('counts records by their offsets, whoever gives them their time', async () => {
    await cluster.createTopic('timed', 1, { 'message.timestamp.type': 'LogAppendTime' })
    await plain(3)('timed')
    const commitAt = (offset: bigint) => cluster.kafka.commit('timed', new Map([['timed', new Map([[0, offset]])]]))
    await commitAt(2n)
    expect(await looksOf(['timed'], 'timed', isolation)(drained, side)).toMatchObject({ verdict: 'failed' })
    await commitAt(3n)
    expect(await looksOf(['timed'], 'timed', isolation)(drained, side)).toMatchObject({ verdict: 'passed' })
  })

  it('does not hold a group to topics that it has left', async () => {
    await cluster.createTopic('left')
    await cluster.createTopic('kept')
    await plain(5)('left')
    await cluster.kafka.commit('mover', new Map([['left', new Map([[0, 1n]])]]))
    const look = looksOf(['kept'], 'mover')
    expect(await look(drained, side)).toMatchObject({ verdict: 'passed' })
    await cluster.kafka.commit('mover', new Map([['left', new Map([[0, 3n]])]]))
    expect(await look(offsetsStill, side)).toMatchObject({ verdict: 'passed' })
    expect(await look(sealed, side)).toMatchObject({ verdict: 'passed' })
  })

  it('holds a group that never committed for empty, still and nowhere, and one at 0 of empty partitions for positioned', async () => {
    await cluster.createTopic('never', 3)
    const offsets = toJson(await cluster.kafka.endOffsets(['never']))
    const facts = new Map<string, Json>([['waterline', { at: 1, offsets, leftBehind: {} }]])
    const look = looksOf(['never'], 'never', undefined, 0, facts)
    expect(await look(groupsEmpty, side)).toMatchObject({ verdict: 'passed' })
    expect(await look(drained, side)).toMatchObject({ verdict: 'passed' })
    expect(await look(offsetsStill, side)).toMatchObject({ verdict: 'passed' })
    expect(await look(positioned, side)).toMatchObject({
      verdict: 'failed',
      text: expect.stringContaining(
        '3 positions on the source not at the waterline: never on never-0 stands at no offset',
      ),
    })
    await cluster.kafka.commit('never', fromJson(offsets))
    expect(await look(positioned, side)).toMatchObject({ verdict: 'passed' })
    expect(await look(offsetsStill, side)).toMatchObject({ verdict: 'passed' })
  })

  it('waits until commits have stood still for the settle time of the app', async () => {
    await cluster.createTopic('settling')
    const facts = new Map<string, Json>()
    const look = looksOf(['settling'], 'slow', undefined, 5000, facts)
    expect(await look(drained, side, 1_000_000)).toMatchObject({ verdict: 'failed', reason: 'settling' })
    expect(await look(drained, side, 1_004_000)).toMatchObject({ verdict: 'failed', reason: 'settling' })
    expect(await look(drained, side, 1_005_000)).toMatchObject({ verdict: 'passed' })
    // Its certificate vouches for the time before it, so the next step, which remembers no look, does not wait again.
    const next = looksOf(['settling'], 'slow', undefined, 5000, facts)
    expect(await next(drained, side, 1_005_001)).toMatchObject({ verdict: 'passed' })
  })
})

describe('the seal', () => {
  it('holds over commit markers, and breaks on a record or a moved commit', async () => {
    await cluster.createTopic('sealing')
    await plain(1)('sealing')
    const begun = await transaction('late', 'sealing', 1)
    await cluster.kafka.commit('reader', new Map([['sealing', new Map([[0, 2n]])]]))
    const look = looksOf(['sealing'], 'reader', 'read_uncommitted')
    await look(drained, side)
    expect(await look(sealed, side)).toMatchObject({ verdict: 'passed' })

    await begun.abort()
    await endsAt('sealing', 3n)
    await cluster.kafka.commit('reader', new Map([['sealing', new Map([[0, 3n]])]]))
    expect(await look(sealed, side)).toMatchObject({ verdict: 'passed' })
    expect(await look(offsetsStill, side)).toMatchObject({ verdict: 'passed' })

    await plain(1)('sealing')
    expect(await look(sealed, side)).toMatchObject({
      verdict: 'failed',
      reason: 'written',
      text: expect.stringContaining('sealing-0'),
    })
    await cluster.kafka.commit('reader', new Map([['sealing', new Map([[0, 4n]])]]))
    expect(await look(offsetsStill, side)).toMatchObject({
      verdict: 'failed',
      reason: 'moved',
      text: expect.stringContaining('reader of sealing-0 2 to 4'),
    })
  })

  it.each([
    ['had taken records before', 'short-before', [plain(4), shorten(4)], 1n, [], 4n],
    ['has taken a marker since', 'short-since', [commit(2)], 2n, [shorten(3)], 3n],
  ] as const)('holds over what retention %s', async (_, topic, before, committed, since, moved) => {
    await cluster.createTopic(topic)
    for (const one of before) await one(topic)
    await cluster.kafka.commit(topic, new Map([[topic, new Map([[0, committed]])]]))
    const look = looksOf([topic], topic, 'read_committed')
    expect(await look(drained, side)).toMatchObject({ verdict: 'passed' })
    for (const one of since) await one(topic)
    await cluster.kafka.commit(topic, new Map([[topic, new Map([[0, moved]])]]))
    expect(await look(sealed, side)).toMatchObject({ verdict: 'passed' })
  })
})

describe('what is written counts by data records, whatever they look like', () => {
  const codec = (name: string) => ({
    name: `records compressed with ${name}`,
    write: [compressed(name, 3)],
    records: 3,
  })
  it.each<{ name: string; write: ((topic: string) => Promise<unknown>)[]; records: number; configs?: object }>([
    { name: 'nothing on an empty partition', write: [], records: 0 },
    { name: 'committed records and their marker', write: [commit(2)], records: 2 },
    { name: 'aborted records, real to who reads uncommitted', write: [abort(2)], records: 2 },
    { name: 'records of a transaction that stays open', write: [leaveOpen(2)], records: 2 },
    { name: 'a tombstone', write: [plain(1, null)], records: 1 },
    { name: 'a record without key and value', write: [nameless], records: 1 },
    { name: 'a large record of 1 MiB', write: [plain(1, 'x'.repeat(1_040_000))], records: 1 },
    ...['gzip', 'snappy', 'lz4', 'zstd'].map(codec),
    { name: 'records above a log start that has moved', write: [plain(2), plain(1), shorten(2)], records: 1 },
    {
      name: 'records with the time of the broker',
      write: [plain(2)],
      records: 2,
      configs: { 'message.timestamp.type': 'LogAppendTime' },
    },
  ])('$name', async ({ write, records, configs = {} }) => {
    const topic = `w${topics++}`
    await cluster.createTopic(topic, 1, { ...configs })
    const facts = new Map<string, Json>([
      ['waterline', { at: 1, offsets: { [topic]: ['0'] }, leftBehind: {} }],
      ['certificate', { side: 'source', source: { at: 1, ends: { [topic]: ['0'] }, commits: {} } }],
    ])
    const look = looksOf([topic], 'watcher', undefined, 0, facts, {}, [topic])
    await look(noWrites, side)
    const before = Date.now()
    await look(oneSideWrites, {}, before)
    for (const one of write) await one(topic)

    const any = records > 0
    const failed = (reason: string) => ({ verdict: any ? 'failed' : 'passed', ...(any && { reason }) })
    expect(await look(noWrites, side)).toMatchObject(failed('still-writing'))
    expect(await look(sealed, side)).toMatchObject(failed('written'))
    expect(await look(oneSideWrites, {}, before + 1)).toMatchObject({
      ...failed('both'),
      ...(any && { evidence: { onSource: { [topic]: records }, onTarget: { [topic]: records } } }),
    })
    expect(await look(orphansNamed)).toMatchObject({
      evidence: { ranges: any ? [{ topic, from: '0', records }] : [] },
    })
    const leftBehind = any ? { [topic]: records } : {}
    expect(await look(waterline)).toMatchObject({ verdict: 'passed', evidence: { leftBehind } })
    expect(await look(drained, side)).toMatchObject({ ...failed('unread'), evidence: { remaining: records } })
  })

  it('also when retention has taken it before anybody looked', async () => {
    await cluster.createTopic('taken')
    const look = looksOf(['taken'], 'watcher')
    await look(noWrites, side)
    expect(await look(drained, side)).toMatchObject({ verdict: 'passed' })
    await plain(3)('taken')
    await shorten(3)('taken')
    expect(await look(noWrites, side)).toMatchObject({ verdict: 'failed', reason: 'still-writing' })
    expect(await look(sealed, side)).toMatchObject({
      verdict: 'failed',
      reason: 'written',
      text: expect.stringContaining('taken-0 0 to 3 (3 offsets that retention has taken since)'),
    })
  })
})

describe('whoever still writes', () => {
  it('is named by partition, producer and the hash of the last key, and ends of transactions are not writes', async () => {
    await cluster.createTopic('silent')
    const look = looksOf(['silent'], 'watcher')
    expect(await look(noWrites, side)).toMatchObject({ verdict: 'inconclusive', reason: 'first-look' })
    expect(await look(noWrites, side)).toMatchObject({ verdict: 'passed' })
    await commit(2)('silent')
    const found = await look(noWrites, side)
    expect(found).toMatchObject({ verdict: 'failed', reason: 'still-writing' })
    expect(found.text).toMatch(
      /silent-0 [\d.,]+\/s from producer \d+, last key #[0-9a-f]{8} \(6 bytes\) at [\d:]+ UTC, which no app of migration.yaml produces/,
    )
    expect(found.text).not.toContain('secret')
  })
})

let topics = 0

function looksOf(
  of: string[],
  group: string,
  isolation?: 'read_committed' | 'read_uncommitted',
  settle = 0,
  facts?: Map<string, Json>,
  hooks: Partial<TestCluster['kafka']> = {},
  produces: string[] = [],
) {
  const app = { name: 'reader', group, consumes: of, produces, settle, ...(isolation ? { isolation } : {}) }
  // Who writes is named as far as can be seen, and without Kubernetes that is less.
  const seen = async () => Promise.reject(new Error('no Kubernetes here'))
  const stopped = { status: async () => ({ state: 'STOPPED', tasks: [] }), settings: async () => ({}) }
  const deps = {
    kafka: { source: { ...cluster.kafka, ...hooks }, target: cluster.kafka },
    connect: () => ({ ...stopped, offsets: async () => [] }),
    workloads: { source: { seen }, target: { seen } },
  }
  return createLooks(deps, migrationOf(of, [app]), facts)
}

async function transaction(id: string, topic: string, records: number): Promise<Transaction> {
  const producer = cluster.app.producer({ transactionalId: `${id}-${topic}`, idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  producers.push(producer)
  const begun = await producer.transaction()
  if (records > 0)
    await begun.send({ topic, messages: Array.from({ length: records }, () => ({ key: 'secret', value: 'x' })) })
  return begun
}

function ended(records: number, by: 'commit' | 'abort') {
  return async (topic: string) => {
    const before = (await cluster.kafka.endOffsets([topic])).get(topic)?.get(0) ?? 0n
    const begun = await transaction(by, topic, records)
    await begun[by]()
    await endsAt(topic, before + BigInt(records) + 1n)
  }
}

/** The broker answers the end of a transaction before its marker is in the log. */
function endsAt(topic: string, end: bigint) {
  return cluster.until(async () => (await cluster.kafka.endOffsets([topic])).get(topic)?.get(0) === end)
}

function commit(records: number) {
  return ended(records, 'commit')
}

function abort(records: number) {
  return ended(records, 'abort')
}

function leaveOpen(records: number) {
  return async (topic: string) => void (await transaction('open', topic, records))
}

function plain(records: number, value: string | null = 'x') {
  return async (topic: string) => {
    const producer = cluster.app.producer()
    await producer.connect()
    await producer.send({
      topic,
      messages: Array.from({ length: records }, (_, i) => ({ key: String(i), value })),
    })
    await producer.disconnect()
  }
}

async function nameless(topic: string) {
  const producer = cluster.app.producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ key: null, value: null }] })
  await producer.disconnect()
}

function compressed(codec: string, records: number) {
  return async (topic: string) => {
    const input = Array.from({ length: records }, (_, i) => `${i} ${'floodgate '.repeat(20)}`).join('\n')
    execFileSync('kcat', ['-P', '-b', cluster.bootstrap.join(), '-t', topic, '-z', codec, '-q'], { input })
  }
}

function shorten(to: number) {
  return async (topic: string) => {
    const admin = cluster.app.admin()
    await admin.connect()
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(to) }] })
    await admin.disconnect()
  }
}
