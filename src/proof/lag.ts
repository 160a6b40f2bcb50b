import type { Offsets } from '../connect/kafka/types.js'
import type { ReadingGroup } from './consumption.js'
import { eachPartition, offsetOf, ofTopics } from './offsets.js'

/** Offsets between commit and log end on every partition of every subscribed topic; a partition without a commit counts whole. */
export function lagOf({ group, topics }: ReadingGroup, commits: ReadonlyMap<string, Offsets>, ends: Offsets): number {
  let lag = 0n
  for (const { topic, partition, offset } of eachPartition(ofTopics(ends, topics))) {
    const committed = offsetOf(commits.get(group) ?? new Map(), { topic, partition }) ?? 0n
    if (offset > committed) lag += offset - committed
  }
  return Number(lag)
}
