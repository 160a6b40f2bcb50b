import type { Offsets } from '../../connect/kafka/types.js'
import type { ReadingGroup } from '../../proof/consumption.js'
import { type GroupRemainder, remainders, unread } from '../../proof/drained.js'
import type { Tally } from '../../proof/tally.js'
import type { Commits, Ends, Scans, Starts } from './clients.js'
import { readable } from './count.js'
import { tallyRanges } from './tally.js'

export interface Remaining {
  readonly left: readonly GroupRemainder[]
  readonly commits: ReadonlyMap<string, Offsets>
  /** Of all topics asked for. */
  readonly ends: Offsets
}

/** What groups still have to read of their topics, by reading it; a backlog too long to read in one look is bounded by its offsets. */
export async function remainingOf(
  kafka: Commits & Starts & Ends & Scans,
  groups: readonly ReadingGroup[],
  topics: readonly string[] = [...new Set(groups.flatMap((group) => group.topics))],
): Promise<Remaining> {
  // Commits before ends: what is written in between then counts as unread, never the other way round.
  const commits = await kafka.committed(groups.map(({ group }) => group))
  const ends = await kafka.endOffsets(topics)
  // Where a log starts matters only where something is left: of 10,000 drained partitions none needs to be asked.
  const behind = new Set(unread(groups, commits, new Map(), ends).map(({ topic }) => topic))
  const starts = behind.size > 0 ? await kafka.startOffsets([...behind]) : new Map()
  const ranges = unread(groups, commits, starts, ends)
  const short = readable(ranges)
  const tallies = new Map((await tallyRanges(kafka, short)).map((tally, i) => [short[i], tally]))
  const left = remainders(
    groups,
    ranges,
    ranges.map((range) => tallies.get(range) ?? whole(range)),
  )
  return { left, commits, ends }
}

const whole = ({ from, to }: { from: bigint; to: bigint }): Tally => ({
  committed: Number(to - from),
  aborted: 0,
  open: 0,
  markers: 0,
  first: undefined,
})
