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

/** Data records in each range, read where it is short enough and bounded by its offsets where it is not. */
export async function countRecords(
  kafka: Scans,
  ranges: readonly Range[],
  isolation: Isolation | undefined,
): Promise<Counted[]> {
  const short = ranges.filter(isShort)
  const tallies = new Map((await tallyRanges(kafka, short)).map((tally, i) => [short[i], tally]))
  return ranges.map((range) => {
    const tally = tallies.get(range)
    return tally
      ? { range, records: records(tally, isolation), oldest: tally.first?.timestamp, exact: true }
      : { range, records: Number(range.to - range.from), oldest: undefined, exact: false }
  })
}

export function isShort({ from, to }: Range): boolean {
  return to - from <= readAtMost
}
