import type { Offsets, Range, TopicPartition } from '../connect/kafka/types.js'
import type { ReadingGroup } from './consumption.js'
import { eachPartition, offsetOf, ofTopics } from './offsets.js'
import { type Isolation, records, type Tally } from './tally.js'

export interface Unread extends Range {
  readonly group: string
  readonly isolation: Isolation | undefined
  /** No commit there yet: what it would start from is up to its own settings, so all that lies there counts as unread. */
  readonly uncommitted: boolean
}

/**
 * What each group has before it, `[committed, log end)` of every partition of every topic it subscribes to: partitions without
 * a commit from the log start, commits below the log start from there.
 */
export function unread(
  groups: readonly ReadingGroup[],
  commits: ReadonlyMap<string, Offsets>,
  starts: Offsets,
  ends: Offsets,
): Unread[] {
  const found: Unread[] = []
  for (const { group, topics, isolation } of groups)
    for (const { topic, partition, offset: to } of eachPartition(ofTopics(ends, topics))) {
      const start = offsetOf(starts, { topic, partition }) ?? 0n
      const committed = offsetOf(commits.get(group) ?? new Map(), { topic, partition })
      const from = committed !== undefined && committed > start ? committed : start
      if (from < to) found.push({ group, isolation, topic, partition, from, to, uncommitted: committed === undefined })
    }
  return found
}

export interface GroupRemainder {
  readonly group: string
  /** Data records that it still has to read. */
  readonly remaining: number
  /** Offsets between commit and log end that hold nothing for it: markers, aborted and compacted records. */
  readonly explained: number
  /** The partition with most left, and the oldest record there. */
  readonly worst:
    | (TopicPartition & {
        readonly remaining: number
        readonly oldest: number | undefined
        readonly uncommitted: boolean
      })
    | undefined
}

/** Lag in offsets, taken apart into records that are left and offsets that hold none. */
export function remainders(
  groups: readonly ReadingGroup[],
  ranges: readonly Unread[],
  tallies: readonly Tally[],
): GroupRemainder[] {
  const found = new Map(groups.map(({ group }) => [group, { group, ...nothingLeft }]))
  ranges.forEach((range, i) => {
    const [of, tally] = [found.get(range.group), tallies[i]]
    if (!of || !tally) return
    const left = records(tally, range.isolation)
    of.remaining += left
    of.explained += Math.max(0, Number(range.to - range.from) - left)
    const { topic, partition, uncommitted } = range
    if (left > (of.worst?.remaining ?? 0))
      of.worst = { topic, partition, remaining: left, oldest: tally.first?.timestamp, uncommitted }
  })
  return [...found.values()]
}

const nothingLeft = { remaining: 0, explained: 0, worst: undefined as GroupRemainder['worst'] }
