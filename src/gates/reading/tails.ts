import type { Migration } from '../../config/migration.js'
import type { Offsets, TopicPartition } from '../../connect/kafka/types.js'
import type { Orphans } from '../../proof/facts.js'
import { eachPartition, higher, offsetOf } from '../../proof/offsets.js'
import { orphanTest } from '../../proof/ranges.js'
import { compareTails, createTail, type Printed, type TailComparison } from '../../proof/tails.js'
import type { Isolation } from '../../proof/tally.js'
import type { Ends, OnKafka, Scans, Starts, TopicConfigs } from './clients.js'

export type TailClient = Ends & Starts & Scans & TopicConfigs

export interface ComparedPartition extends TopicPartition {
  readonly comparison: TailComparison
}

const farthest = 50_000n

/**
 * Compares the tails of every mirrored partition. `positions` is where the mirror stood at its last flush: the source is read
 * from `wanted` data records before that up to its end, so that the mirror's true place is in it, however old the flush is.
 */
export async function compareMirror(
  { kafka }: OnKafka<TailClient>,
  { topics }: Migration,
  wanted: number,
  positions: Offsets,
  isolation: Isolation,
  orphans: Orphans | undefined,
): Promise<ComparedPartition[]> {
  // The target's ends first: whatever lies below them is in the source's log by the time that one's ends are read.
  const [targetEnds, targetStarts] = await Promise.all([
    kafka.target.endOffsets(topics),
    kafka.target.startOffsets(topics),
  ])
  const [sourceEnds, sourceStarts, configs, targetConfigs] = await Promise.all([
    kafka.source.endOffsets(topics),
    kafka.source.startOffsets(topics),
    kafka.source.topicConfigs(topics, ['cleanup.policy']),
    kafka.target.topicConfigs(topics, ['message.timestamp.type']),
  ])
  // The mirror carries timestamps over, and a target that keeps LogAppendTime throws them away.
  const isTimed = (topic: string) => targetConfigs.get(topic)?.get('message.timestamp.type') !== 'LogAppendTime'
  const isOrphan = orphanTest(orphans)
  const [target, source] = await Promise.all([
    readTails(kafka.target, targetStarts, targetEnds, wanted, { isolation: 'read_committed', isTimed, isOrphan }),
    readTails(kafka.source, sourceStarts, sourceEnds, wanted, { isolation, isTimed, positions }),
  ])
  return [...eachPartition(sourceEnds)].map(({ topic, partition }) => {
    const name = `${topic}/${partition}`
    const start = offsetOf(targetStarts, { topic, partition }) ?? 0n
    const tails = {
      source: source.get(name)?.tail ?? [],
      target: target.get(name)?.tail ?? [],
      targetWhole: target.get(name)?.whole ?? true,
      targetShortened: start > 0n,
      compacted: configs.get(topic)?.get('cleanup.policy')?.includes('compact') ?? false,
    }
    return { topic, partition, comparison: compareTails(tails, wanted) }
  })
}

interface Reading {
  readonly isolation: Isolation
  isTimed(topic: string): boolean
  /** Where so many data records must lie below; the log ends if not given. */
  readonly positions?: Offsets
  isOrphan?(one: TopicPartition, offset: bigint): boolean
}

/** Walks back from the end until so many data records lie below the mark, or the log starts. */
async function readTails(
  kafka: Scans,
  starts: Offsets,
  ends: Offsets,
  wanted: number,
  { isolation, isTimed, positions, isOrphan }: Reading,
): Promise<ReadonlyMap<string, { tail: readonly Printed[]; whole: boolean }>> {
  const found = new Map<string, { tail: readonly Printed[]; whole: boolean }>()
  let left = [...eachPartition(ends)].map(({ topic, partition, offset: to }) => {
    const start = offsetOf(starts, { topic, partition }) ?? 0n
    const mark = offsetOf(positions ?? ends, { topic, partition }) ?? start
    return { topic, partition, to, start, mark: higher(mark, to - farthest) }
  })
  for (let back = BigInt(wanted); left.length > 0; back *= 4n) {
    const ranges = left.map((one) => ({ ...one, from: higher(one.mark - back, one.start) }))
    const tails = new Map(ranges.map((range) => [range, createTail(range, isolation, isTimed(range.topic))]))
    const filled = ranges.filter(({ from, to }) => from < to)
    await kafka.scan(filled, (range, batch) => tails.get(range as (typeof ranges)[number])?.add(batch))
    left = ranges.filter((range) => {
      const tail = (tails.get(range)?.read() ?? []).filter((record) => !isOrphan?.(range, record.offset))
      const enough = tail.filter(({ offset }) => offset < range.mark).length >= wanted
      const whole = range.from <= range.start
      if (enough || whole) found.set(`${range.topic}/${range.partition}`, { tail, whole })
      return !enough && !whole
    })
  }
  return found
}
