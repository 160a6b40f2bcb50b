import { describe, expect, it } from '@jest/globals'
import { compareTails, fingerprint, type Printed, type Tails } from '../../src/proof/tails.js'
import { recordOf } from '../records.js'

/** `a1 b2`: key and value of records at rising offsets; `a-` is a tombstone. */
function tail(text: string, firstOffset = 0): Printed[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((word, i) => ({
      offset: BigInt(firstOffset + i),
      timestamp: i,
      print: word,
      key: word[0],
      tombstone: word[1] === '-',
    }))
}

function tails(source: string, target: string, more: Partial<Tails> = {}): Tails {
  return {
    source: tail(source, 100),
    target: tail(target),
    targetWhole: false,
    targetShortened: false,
    compacted: false,
    ...more,
  }
}

describe('comparing tails', () => {
  it.each([
    { name: 'caught up', source: 'a1 b2 c3', target: 'a1 b2 c3', position: 103n, behind: 0 },
    { name: 'behind by two', source: 'a1 b2 c3 d4', target: 'a1 b2', position: 102n, behind: 2 },
    { name: 'repeats of one record', source: 'a1 a1 a1 b2', target: 'a1 a1 a1', position: 103n, behind: 1 },
    {
      name: 'a target whose retention is shorter',
      source: 'a1 b2 c3',
      target: 'c3',
      position: 103n,
      behind: 0,
      more: { targetShortened: true },
    },
    {
      name: 'nothing mirrored yet',
      source: 'a1 b2',
      target: '',
      position: 100n,
      behind: 2,
      more: { targetWhole: true },
    },
    { name: 'both empty', source: '', target: '', position: 0n, behind: 0, more: { targetWhole: true } },
    {
      name: 'a topic that the target has compacted',
      source: 'a1 b2 a3 c4',
      target: 'b2 a3 c4',
      position: 104n,
      behind: 0,
      more: { compacted: true },
    },
    {
      name: 'a topic that the source has compacted',
      source: 'b2 a3 c4',
      target: 'a1 b2 a3 c4',
      position: 103n,
      behind: 0,
      more: { compacted: true },
    },
    {
      name: 'a tombstone that one side has dropped',
      source: 'a1 a- b2',
      target: 'a1 b2',
      position: 103n,
      behind: 0,
      more: { compacted: true },
    },
  ])("finds the mirror's place: $name", ({ source, target, position, behind, more }) => {
    const found = compareTails(tails(source, target, more), 100)
    expect(found).toMatchObject({ equal: true, position })
    expect(found.equal && found.behind.length).toBe(behind)
  })

  it.each([
    { name: 'a record altered on its way', source: 'a1 b2 c3', target: 'a1 bX c3', reason: 'differs' },
    { name: 'a record lost in the middle', source: 'a1 b2 c3', target: 'a1 c3', reason: 'differs' },
    { name: 'a record written twice', source: 'a1 b2 c3', target: 'a1 b2 b2 c3', reason: 'differs' },
    { name: 'a stranger at the end', source: 'a1 b2 c3', target: 'a1 b2 c3 zz', reason: 'differs' },
    { name: 'history that was never mirrored', source: 'a1 b2 c3', target: 'c3', reason: 'missing' },
    { name: 'two records in the other order', source: 'a1 b2 c3', target: 'b2 a1 c3', reason: 'differs' },
    {
      name: 'another latest value on a compacted topic',
      source: 'a1 b2 c3',
      target: 'a9 b2 c3',
      reason: 'differs',
      more: { compacted: true },
    },
  ])('does not call it equal: $name', ({ source, target, reason, more }) => {
    expect(compareTails(tails(source, target, more), 100)).toMatchObject({ equal: false, reason })
  })

  it('compares as many records as were asked for, and none before them', () => {
    expect(compareTails(tails('x1 b2 c3', 'y1 b2 c3'), 2)).toMatchObject({ equal: true, compared: 2 })
    expect(compareTails(tails('x1 b2 c3', 'y1 b2 c3'), 3)).toMatchObject({ equal: false })
  })
})

describe('a fingerprint', () => {
  const plain = { timestamp: 1, key: 'k', value: 'v' }
  const print = (given: Parameters<typeof recordOf>[0], isTimed = true) => fingerprint(recordOf(given), isTimed)

  it('is of key, value, headers in order and timestamp, not of the offset', () => {
    expect(print({ ...plain, offset: 9n })).toBe(print(plain))
    expect(print({ ...plain, timestamp: 2 }, false)).toBe(print(plain, false))
    const others = [
      plain,
      { ...plain, timestamp: 2 },
      { ...plain, key: null },
      { ...plain, key: '' },
      { ...plain, value: null },
      { ...plain, value: '' },
      { ...plain, key: 'kv', value: '' },
      { ...plain, headers: [['a', '1']] as const },
      { ...plain, headers: [['a', null]] as const },
      { ...plain, headers: [['a', '1'] as const, ['b', '2'] as const] },
      { ...plain, headers: [['b', '2'] as const, ['a', '1'] as const] },
    ]
    expect(new Set(others.map((one) => print(one))).size).toBe(others.length)
  })
})
