import type { Offsets, Range, TopicPartition } from '../connect/kafka/types.js'
import type { Orphans } from './facts.js'
import { eachPartition, offsetOf, partitionName } from './offsets.js'

/** `[from, to)` of every partition that both know and in which there is something. */
export function between(from: Offsets, to: Offsets): Range[] {
  const ranges: Range[] = []
  for (const { topic, partition, offset } of eachPartition(to)) {
    const start = offsetOf(from, { topic, partition })
    if (start !== undefined && start < offset) ranges.push({ topic, partition, from: start, to: offset })
  }
  return ranges
}

/** Ranges with a count of their data records, without those that hold none, joined to what was named before. */
export function withOrphans(
  earlier: Orphans | undefined,
  counted: readonly { readonly range: Range; readonly records: number }[],
  at: number,
): Orphans {
  const known = new Map((earlier?.ranges ?? []).map((one) => [`${one.topic}-${one.partition}@${one.from}`, one]))
  for (const { range, records } of counted) {
    const { topic, partition, from, to } = range
    // The same range again: what was counted first was read, and a bound would only blur it.
    if (records > 0 && known.get(`${topic}-${partition}@${from}`)?.to !== `${to}`)
      known.set(`${topic}-${partition}@${from}`, { topic, partition, from: `${from}`, to: `${to}`, records })
  }
  return { ...earlier, at, ranges: [...known.values()] }
}

/** Tells the offsets of the target that no mirror brought. */
export function orphanTest(orphans: Orphans | undefined): (one: TopicPartition, offset: bigint) => boolean {
  const ranges = new Map<string, { from: bigint; to: bigint }[]>()
  for (const { topic, partition, from, to } of orphans?.ranges ?? []) {
    const name = partitionName({ topic, partition })
    ranges.set(name, [...(ranges.get(name) ?? []), { from: BigInt(from), to: BigInt(to) }])
  }
  return (one, offset) => (ranges.get(partitionName(one)) ?? []).some(({ from, to }) => offset >= from && offset < to)
}
