import { z } from 'zod'
import type { Offsets, TopicPartition } from '../connect/kafka/types.js'

/** Offsets as JSON: per topic a list by partition number; null where there is none. */
export const offsetsJson = z.record(z.string(), z.array(z.string().regex(/^\d+$/).nullable()))
export type OffsetsJson = z.infer<typeof offsetsJson>

/** The one place in which offsets become strings. */
export function toJson(offsets: Offsets): OffsetsJson {
  return Object.fromEntries(
    [...offsets].map(([topic, partitions]) => {
      const size = Math.max(-1, ...partitions.keys()) + 1
      return [topic, Array.from({ length: size }, (_, partition) => partitions.get(partition)?.toString() ?? null)]
    }),
  )
}

export function fromJson(json: OffsetsJson): Offsets {
  return new Map(
    Object.entries(json).map(([topic, list]) => [
      topic,
      new Map(list.flatMap((offset, partition) => (offset === null ? [] : [[partition, BigInt(offset)] as const]))),
    ]),
  )
}

export interface PartitionOffset extends TopicPartition {
  readonly offset: bigint
}

export function* eachPartition(offsets: Offsets): Generator<PartitionOffset> {
  for (const [topic, partitions] of offsets)
    for (const [partition, offset] of partitions) yield { topic, partition, offset }
}

export function offsetOf(offsets: Offsets, { topic, partition }: TopicPartition): bigint | undefined {
  return offsets.get(topic)?.get(partition)
}

/** Only the named topics. */
export function ofTopics(offsets: Offsets, topics: Iterable<string>): Offsets {
  return new Map([...topics].map((topic) => [topic, offsets.get(topic) ?? new Map()]))
}

export interface OffsetChange extends TopicPartition {
  readonly from: bigint | undefined
  readonly to: bigint | undefined
}

/** Where two states differ, partitions that are in one of them only included. */
export function changes(before: Offsets, after: Offsets): OffsetChange[] {
  const found: OffsetChange[] = []
  for (const { topic, partition, offset } of eachPartition(before)) {
    const to = offsetOf(after, { topic, partition })
    if (to !== offset) found.push({ topic, partition, from: offset, to })
  }
  for (const { topic, partition, offset } of eachPartition(after))
    if (offsetOf(before, { topic, partition }) === undefined)
      found.push({ topic, partition, from: undefined, to: offset })
  return found
}

export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

export function countPartitions(offsets: Offsets): number {
  let count = 0
  for (const partitions of offsets.values()) count += partitions.size
  return count
}

/** The higher of two offsets. */
export function higher(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}
