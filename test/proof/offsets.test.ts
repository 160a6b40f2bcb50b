import { describe, expect, it } from '@jest/globals'
import { groupsOf } from '../../src/proof/consumption.js'
import { changes, fromJson, toJson } from '../../src/proof/offsets.js'
import { orphanTest, withOrphans } from '../../src/proof/ranges.js'
import { sinceCertificate } from '../../src/proof/seal.js'
import { behindCarried } from '../../src/proof/valve.js'
import { slide } from '../../src/proof/window.js'

const offsets = (...list: (number | null)[]) =>
  fromJson({ orders: list.map((one) => (one === null ? null : String(one))) })

describe('offsets', () => {
  it('keep gaps and 64 bits on their way through JSON', () => {
    const json = { orders: ['9007199254740993', null, '0'], empty: [] }
    expect(toJson(fromJson(json))).toEqual(json)
  })

  it('differ where a partition moved, came or went', () => {
    expect(changes(offsets(1, 2, null), offsets(1, 3, 4))).toEqual([
      { topic: 'orders', partition: 1, from: 2n, to: 3n },
      { topic: 'orders', partition: 2, from: undefined, to: 4n },
    ])
  })
})

describe('since the certificate', () => {
  it.each([
    { name: 'forward: to be read', before: offsets(5), after: offsets(7), doubts: 1, broken: 0 },
    { name: 'back: broken', before: offsets(5), after: offsets(4), doubts: 0, broken: 1 },
    { name: 'gone: broken', before: offsets(5), after: offsets(null), doubts: 0, broken: 1 },
    {
      name: 'a first commit below the certified end: nothing',
      before: offsets(null),
      after: offsets(5),
      ends: offsets(5),
      doubts: 0,
      broken: 0,
    },
    {
      name: 'a first commit above it: to be read',
      before: offsets(null),
      after: offsets(6),
      ends: offsets(5),
      doubts: 1,
      broken: 0,
    },
    { name: 'a new partition: broken', before: offsets(5), after: offsets(5, 0), doubts: 0, broken: 1 },
  ])('$name', ({ before, after, ends, doubts, broken }) => {
    const found = sinceCertificate('it', before, after, ends)
    expect([found.doubts.length, found.broken.length]).toEqual([doubts, broken])
  })
})

describe('a valve that goes on', () => {
  const carried = (offset: Record<string, unknown>) => [{ partition: { b: 2, a: 1 }, offset }]
  const found = (offset: Record<string, unknown> | null) => [{ partition: { a: 1, b: 2 }, offset }]
  it.each([
    { name: 'at its place', was: { position: 5 }, is: { position: 5 }, why: [] },
    { name: 'beyond it', was: { position: 5 }, is: { position: 9 }, why: [] },
    { name: 'before it', was: { position: 5 }, is: { position: 4 }, why: [/position is 4, was 5/] },
    { name: 'without an offset', was: { position: 5 }, is: null, why: [/has no offset/] },
    { name: 'in the next file', was: { file: 'bin.1', pos: 500 }, is: { file: 'bin.2', pos: 4 }, why: [] },
    {
      name: 'in a PostgreSQL transaction that began earlier and was committed later',
      was: { lsn_proc: 50, lsn_commit: 50, lsn: 50, txId: 9, messageType: 'INSERT' },
      is: { lsn_proc: 30, lsn_commit: 80, lsn: 30, txId: 7, messageType: 'INSERT' },
      why: [],
    },
    {
      name: 'before its place on PostgreSQL, by another kind of message',
      was: { lsn_proc: 50, lsn_commit: 50, messageType: 'INSERT' },
      is: { lsn_proc: 60, lsn_commit: 40, messageType: 'UPDATE' },
      why: [/lsn_commit is 40, was 50/],
    },
    {
      name: 'before its place within a PostgreSQL transaction',
      was: { lsn_proc: 50, lsn_commit: 40 },
      is: { lsn_proc: 45, lsn_commit: 40 },
      why: [/lsn_proc is 45, was 50/],
    },
    {
      name: 'in the next MySQL transaction',
      was: { file: 'bin.1', pos: 5, row: 3, event: 9 },
      is: { file: 'bin.1', pos: 7, row: 1, event: 2 },
      why: [],
    },
    { name: 'with a snapshot', was: { lsn: 5 }, is: { lsn: 6, snapshot: true }, why: [/snapshot is under way/] },
    {
      name: 'in the snapshot it was in',
      was: { lsn: 5, snapshot: 'INITIAL' },
      is: { lsn: 5, snapshot: 'INITIAL' },
      why: [],
    },
  ])('$name', ({ was, is, why }) => {
    const reasons = behindCarried(carried(was), found(is))
    expect(reasons).toHaveLength(why.length)
    why.forEach((pattern, i) => {
      expect(reasons[i]).toMatch(pattern)
    })
  })
})

describe('orphans', () => {
  it('are joined over runs, and grow in place when named again', () => {
    const range = (from: number, to: number) => ({ topic: 'orders', partition: 0, from: BigInt(from), to: BigInt(to) })
    const first = withOrphans(
      undefined,
      [
        { range: range(5, 8), records: 3 },
        { range: range(8, 8), records: 0 },
      ],
      1,
    )
    const again = withOrphans(first, [{ range: range(5, 9), records: 4 }], 2)
    const later = withOrphans(again, [{ range: range(20, 22), records: 2 }], 3)
    expect(later.ranges.map(({ from, to, records }) => [from, to, records])).toEqual([
      ['5', '9', 4],
      ['20', '22', 2],
    ])
    const isOrphan = orphanTest(later)
    expect([4n, 5n, 8n, 9n, 20n].map((offset) => isOrphan({ topic: 'orders', partition: 0 }, offset))).toEqual([
      false,
      true,
      true,
      false,
      true,
    ])
  })
})

describe('a group', () => {
  it('that several apps share reads all their topics, settles as slowly as the slowest, and has an isolation only if they agree', () => {
    const app = { tier: 'dam', group: 'g', settle: 1 }
    const groups = groupsOf([
      { ...app, name: 'a', consumes: ['x', 'y'], isolation: 'read_committed' },
      { ...app, name: 'b', consumes: ['y', 'z'], settle: 9 },
      { name: 'c', tier: 'dam', consumes: [], settle: 1 },
    ])
    expect(groups).toEqual([
      { group: 'g', apps: ['a', 'b'], topics: ['x', 'y', 'z'], settleMs: 9, autoCommits: false, isolation: undefined },
    ])
  })
})

describe('a sliding window', () => {
  it('measures from the oldest sample within bounds, whatever the pace of the looks', () => {
    let window = slide(undefined, { at: 0, seen: 0 }, 10)
    for (let at = 1; at <= 100; at++) {
      window = slide(window, { at, seen: at }, 10)
      expect(at - window.base.at).toBeLessThanOrEqual(11)
      if (at > 10) expect(at - window.base.at).toBeGreaterThanOrEqual(3)
    }
  })
})
