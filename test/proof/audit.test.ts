import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { LogRecord } from '../../src/connect/kafka/types.js'
import { Buckets, differingBuckets, Marks, nameDifferences } from '../../src/proof/audit.js'
import { recordOf } from '../records.js'

const whole = { source: false, target: false }
const bucketsOf = (records: readonly LogRecord[], widthMs = 1000) => {
  const buckets = new Buckets(widthMs, true)
  for (const record of records) buckets.put(record)
  return buckets
}
const marksOf = (records: readonly LogRecord[]) => {
  const marks = new Marks(true, () => true)
  for (const record of records) marks.put(record, 1n)
  return marks.all
}
const given = fc.array(
  fc.record({
    timestamp: fc.integer({ min: 0, max: 100_000 }),
    key: fc.option(fc.string({ maxLength: 3 })),
    value: fc.option(fc.string({ maxLength: 3 })),
  }),
  { minLength: 1, maxLength: 60 },
)
const inLog = (records: readonly Parameters<typeof recordOf>[0][]) =>
  records.map((one, i) => recordOf({ ...one, offset: BigInt(i) }))

describe('sums of buckets', () => {
  it('do not depend on the order of records, nor on how wide the buckets of either side became', () => {
    fc.assert(
      fc.property(
        given.chain((records) =>
          fc.tuple(fc.constant(records), fc.shuffledSubarray(records, { minLength: records.length })),
        ),
        fc.constantFrom(1000, 2000, 8000),
        ([records, shuffled], widthMs) => {
          expect(differingBuckets(bucketsOf(inLog(records)), bucketsOf(inLog(shuffled), widthMs), whole)).toEqual([])
        },
      ),
    )
  })

  it('change with every record more, less or altered, in its own span of time alone; and the difference is named', () => {
    const change = fc.constantFrom('lose', 'repeat', 'alter', 'move in time')
    fc.assert(
      fc.property(given, fc.nat(), change, (records, pick, how) => {
        const at = pick % records.length
        const one = records[at]!
        const changed = [...records]
        if (how === 'lose') changed.splice(at, 1)
        if (how === 'repeat') changed.push(one)
        if (how === 'alter') changed[at] = { ...one, value: `${one.value ?? ''}!` }
        if (how === 'move in time') changed[at] = { ...one, timestamp: one.timestamp + 200_000 }
        const found = differingBuckets(bucketsOf(inLog(records)), bucketsOf(inLog(changed)), whole)
        const from = Math.floor(one.timestamp / 1000) * 1000
        expect(found[0]?.time).toEqual({ from, to: from + 1000 })
        expect(found.length).toBe(how === 'move in time' ? 2 : 1)
        const named = nameDifferences(marksOf(inLog(records)), marksOf(inLog(changed)), BigInt(records.length))
        const kinds = {
          lose: ['missing'],
          repeat: ['duplicated'],
          alter: ['altered'],
          'move in time': ['missing', 'foreign'],
        }
        expect(named.map(({ is }) => is)).toEqual(kinds[how])
      }),
    )
  })

  it('tell two records that swapped their timestamps', () => {
    const [a, b] = [{ key: 'a' }, { key: 'b' }]
    const right = inLog([
      { ...a, timestamp: 1 },
      { ...b, timestamp: 2 },
    ])
    const swapped = inLog([
      { ...a, timestamp: 2 },
      { ...b, timestamp: 1 },
    ])
    expect(differingBuckets(bucketsOf(right), bucketsOf(swapped), whole)).toHaveLength(1)
  })

  it('stay few however widely timestamps are spread', () => {
    const buckets = bucketsOf(inLog(Array.from({ length: 50_000 }, (_, i) => ({ timestamp: i * 1000 }))))
    expect(buckets.all.size).toBeLessThanOrEqual(20_000)
    expect([...buckets.all.values()].reduce((sum, { count }) => sum + count, 0)).toBe(50_000)
    expect(buckets.widthMs).toBe(4000)
  })
})
