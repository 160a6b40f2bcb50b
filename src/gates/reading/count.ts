import type { Range } from '../../connect/kafka/types.js'
import { type Isolation, records } from '../../proof/tally.js'
import type { Scans } from './clients.js'
import { tallyRanges } from './tally.js'

export interface Counted {
  readonly range: Range
  readonly records: number
  /** Timestamp of the oldest data record, epoch ms; undefined when there is none or it was not read. */
  readonly oldest: number | undefined
  /** False: too long to read in a look, so the offsets were counted, an upper bound. */
  readonly exact: boolean
}

const readAtMost = 20_000n
/** Of all ranges together: what a look has time to read. */
const readTogether = 2_000_000n

/** Data records in each range, read where it is short enough and bounded by its offsets where it is not. */
export async function countRecords(
  kafka: Scans,
  ranges: readonly Range[],
  isolation: Isolation | undefined,
): Promise<Counted[]> {
  const short = readable(ranges)
  const tallies = new Map((await tallyRanges(kafka, short)).map((tally, i) => [short[i], tally]))
  return ranges.map((range) => {
    const tally = tallies.get(range)
    return tally
      ? { range, records: records(tally, isolation), oldest: tally.first?.timestamp, exact: true }
      : { range, records: Number(range.to - range.from), oldest: undefined, exact: false }
  })
}

/** The ranges that a look can read: each short enough, and the shortest first until they are enough together. */
export function readable<R extends Range>(ranges: readonly R[]): readonly R[] {
  let left = readTogether
  return ranges
    .filter((range) => lengthOf(range) <= readAtMost)
    .sort((a, b) => Number(lengthOf(a) - lengthOf(b)))
    .filter((range) => {
      left -= lengthOf(range)
      return left >= 0n
    })
}

/** Whether a look has time to read all of them. */
export function isReadable(ranges: readonly Range[]): boolean {
  return ranges.reduce((sum, range) => sum + lengthOf(range), 0n) <= readTogether
}

const lengthOf = ({ from, to }: Range) => to - from
