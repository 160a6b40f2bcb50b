import { describe, expect, it } from '@jest/globals'
import type { Batch } from '../../src/connect/kafka/types.js'
import { createTail } from '../../src/proof/tails.js'
import { createTally, records } from '../../src/proof/tally.js'
import { recordOf } from '../records.js'

/** Batches in a row: `p3` three plain records, `t2@7` two in a transaction of producer 7, `c@7` its commit, `a@7` its abort. */
function log(text: string): Batch[] {
  let next = 0n
  return text.split(' ').map((word) => {
    const [, kind, size, producer] = /^([ptca])(\d*)@?(\d*)$/.exec(word)!
    const count = Number(size || 1)
    const baseOffset = next
    next += BigInt(count)
    const records = () =>
      Array.from({ length: count }, (_, i) => recordOf({ offset: baseOffset + BigInt(i), timestamp: 5 }))
    return {
      baseOffset,
      lastOffset: next - 1n,
      count,
      producerId: BigInt(producer || -1),
      producerEpoch: producer ? 0 : -1,
      transactional: kind !== 'p',
      control: kind === 'c' ? 'commit' : kind === 'a' ? 'abort' : undefined,
      maxTimestamp: 0,
      size: 0,
      records,
      packed: records,
    }
  })
}

describe('a tally of a range', () => {
  it.each([
    { batches: 'p3 p2', committed: 5, aborted: 0, open: 0, markers: 0 },
    { batches: 't2@7 c@7', committed: 2, aborted: 0, open: 0, markers: 1 },
    { batches: 't2@7 a@7', committed: 0, aborted: 2, open: 0, markers: 1 },
    { batches: 't2@7 t1@8 a@7 c@8', committed: 1, aborted: 2, open: 0, markers: 2 },
    { batches: 't2@7 c@7 t3@7 a@7 t1@7', committed: 2, aborted: 3, open: 1, markers: 2 },
    { batches: 'c@7', committed: 0, aborted: 0, open: 0, markers: 1 },
  ])('of $batches', ({ batches, ...expected }) => {
    const tally = createTally({ from: 0n, to: 1000n })
    for (const batch of log(batches)) tally.add(batch)
    expect(tally.read()).toMatchObject(expected)
  })

  it('counts only the part of a batch that lies inside', () => {
    const tally = createTally({ from: 1n, to: 4n })
    for (const batch of log('p3 p3')) tally.add(batch)
    expect(tally.read()).toMatchObject({ committed: 3, first: { offset: 1n, timestamp: 5 } })
  })

  it('is read by isolation, and by none if nobody knows it', () => {
    const found = { committed: 1, aborted: 2, open: 4, markers: 8, first: undefined }
    expect([records(found, 'read_committed'), records(found, 'read_uncommitted'), records(found)]).toEqual([5, 7, 7])
  })
})

describe('a tail', () => {
  it.each([
    { isolation: 'read_committed' as const, offsets: [0n, 3n, 5n] },
    { isolation: 'read_uncommitted' as const, offsets: [0n, 1n, 3n, 5n] },
  ])('under $isolation', ({ isolation, offsets }) => {
    const tail = createTail({ from: 0n, to: 1000n }, isolation)
    for (const batch of log('p1 t1@7 a@7 t1@7 c@7 p1')) tail.add(batch)
    expect(tail.read().map(({ offset }) => offset)).toEqual(offsets)
  })
})
