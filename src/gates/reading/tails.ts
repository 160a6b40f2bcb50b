import { z } from 'zod'
import { sayDuration } from '../../config/duration.js'
import type { Migration } from '../../config/migration.js'
import type { Offsets, TopicPartition } from '../../connect/kafka/types.js'
import type { Orphans } from '../../proof/facts.js'
import { eachPartition, higher, offsetOf, type PartitionOffset, partitionName } from '../../proof/offsets.js'
import { orphanTest } from '../../proof/ranges.js'
import { compareTails, createTail, type Printed, type TailComparison } from '../../proof/tails.js'
import type { Isolation } from '../../proof/tally.js'
import type { Json } from '../../runbook/json.js'
import type { Ends, OnKafka, Scans, Starts, Timed, TopicConfigs } from './clients.js'
import { count } from './say.js'

export type TailClient = Ends & Starts & Scans & TopicConfigs

export interface ComparedPartition extends TopicPartition {
  readonly comparison: TailComparison
}

export interface Compared {
  readonly migration: Pick<Migration, 'topics'>
  readonly wanted: number
  /** Where the mirror stood at its last flush. */
  readonly positions: Offsets
  readonly isolation: Isolation
  readonly orphans: Orphans | undefined
}

const farthest = 50_000n
/** Held at once of either side: 10,000 partitions of 100 records each would take a gigabyte. */
const recordsAtOnce = 50_000

/**
 * Compares the tails of every mirrored partition: the source is read from `wanted` data records before the mirror's position up to its
 * end, so that the mirror's true place is in it, however old the flush is.
 */
export async function compareMirror(deps: OnKafka<TailClient>, what: Compared): Promise<ComparedPartition[]> {
  const compare = await openComparison(deps, what)
  const found: ComparedPartition[] = []
  for (const some of inPortions(compare.partitions, what.wanted)) found.push(...(await compare.tails(some)))
  return found
}

/** Which partitions were found equal, by topic and partition number: when, how many records, and the target's log end then. */
const turns = z.record(z.string(), z.array(z.tuple([z.number(), z.number(), z.string()]).nullable()))
const turnsEvidence = z.object({ turns })
type Turns = Record<string, ([at: number, compared: number, end: string] | null)[]>

/**
 * No older look counts: whoever acts at once on what was compared in turns acts on minutes. A turn of 10,000 partitions with 1,000 records each
 * takes under two.
 */
const countsForMs = 10 * 60_000

/** So long one look compares: it has to end in 20 s, on the same processor as the other gates of its step. */
const sliceMs = 5000

export interface Turn {
  readonly now: number
  readonly last: Json | undefined
  /** What was compared counts only for as long as the target's log ends there: where nobody may write. */
  readonly untilGrown: boolean
  /** Why partitions whose tails are equal are still not as they should be. */
  wrong(one: ComparedPartition): string | undefined
}

export interface InTurns {
  readonly wrong: readonly (TopicPartition & { readonly why: string })[]
  readonly partitions: number
  /** Partitions that no look has compared yet, or none lately. */
  readonly left: number
  /** Of all looks, the newest of each partition. */
  readonly records: number
  /** The partitions with fewest records compared. */
  readonly least: readonly { readonly topic: string; readonly partition: number; readonly compared: number }[]
  readonly oldest: number
  readonly turns: Turns
}

/**
 * The same in turns: a look compares as much as it has time for, what was never compared first and what was compared longest ago next. A small
 * estate is compared whole at each look.
 */
export async function compareInTurns(deps: OnKafka<TailClient> & Timed, what: Compared, turn: Turn): Promise<InTurns> {
  const begun = deps.clock()
  const compare = await openComparison(deps, what)
  const before = turnsEvidence.safeParse(turn.last).data?.turns ?? {}
  const known: Turns = Object.fromEntries(what.migration.topics.map((topic) => [topic, [...(before[topic] ?? [])]]))
  const endOf = (one: TopicPartition) => `${offsetOf(compare.targetEnds, one) ?? 0n}`
  const comparedAt = (one: TopicPartition): number => {
    const entry = known[one.topic]?.[one.partition]
    const counts = entry && turn.now - entry[0] < countsForMs
    return counts && (!turn.untilGrown || entry[2] === endOf(one)) ? entry[0] : 0
  }
  const inTurn = compare.partitions
    .map((one) => ({ one, at: comparedAt(one) }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
  const wrong: (TopicPartition & { why: string })[] = []
  for (const some of inPortions(inTurn, what.wanted)) {
    for (const found of await compare.tails(some)) {
      const { topic, partition, comparison } = found
      const why = comparison.equal ? turn.wrong(found) : comparison.text
      if (why !== undefined) wrong.push({ topic, partition, why })
      const entry: Turns[string][number] =
        why === undefined && comparison.equal ? [turn.now, comparison.compared, endOf(found)] : null
      known[topic]![partition] = entry
    }
    if (deps.clock() - begun > sliceMs) break
  }
  return { ...summed(compare.partitions, known, comparedAt), wrong, turns: filled(known) }
}

/** The first of the partitions that are not as they should be, for the ten worst of the evidence. */
export const namedWrong = (wrong: InTurns['wrong']) =>
  wrong.slice(0, 10).map(({ why, ...one }) => ({ name: partitionName(one), why }))

export const sayLeft = ({ partitions, left, records }: InTurns): string =>
  `${(partitions - left).toLocaleString('en')} of ${count(partitions, 'partition')} compared so far (${count(records, 'record')}), all equal; a look has no time for more, and the next ones go on`

/** Nothing where all was compared just now. */
export const sayOldest = ({ oldest }: InTurns, now: number): string =>
  oldest < now ? `; those looked at first ${sayDuration(now - oldest)} ago` : ''

function summed(partitions: readonly TopicPartition[], known: Turns, comparedAt: (one: TopicPartition) => number) {
  const all = partitions.map(({ topic, partition }) => ({
    topic,
    partition,
    at: comparedAt({ topic, partition }),
    compared: known[topic]?.[partition]?.[1] ?? 0,
  }))
  const done = all.filter(({ at }) => at > 0)
  return {
    partitions: all.length,
    left: all.length - done.length,
    records: done.reduce((sum, one) => sum + one.compared, 0),
    least: done
      .sort((a, b) => a.compared - b.compared)
      .slice(0, 10)
      .map(({ at: _, ...one }) => one),
    oldest: done.reduce((oldest, { at }) => Math.min(oldest, at), Number.POSITIVE_INFINITY),
  }
}

/** Without holes, as JSON has no place for them. */
const filled = (known: Turns): Turns =>
  Object.fromEntries(Object.entries(known).map(([topic, of]) => [topic, Array.from(of, (one) => one ?? null)]))

async function openComparison({ kafka }: OnKafka<TailClient>, what: Compared) {
  const { wanted, positions, isolation } = what
  const { topics } = what.migration
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
  const isOrphan = orphanTest(what.orphans)
  const endsOf = (ends: Offsets, of: readonly TopicPartition[]): PartitionOffset[] =>
    of.flatMap(({ topic, partition }) => {
      const offset = offsetOf(ends, { topic, partition })
      return offset === undefined ? [] : [{ topic, partition, offset }]
    })
  const tails = async (some: readonly TopicPartition[]): Promise<ComparedPartition[]> => {
    const [target, source] = await Promise.all([
      readTails(kafka.target, targetStarts, endsOf(targetEnds, some), wanted, {
        isolation: 'read_committed',
        isTimed,
        isOrphan,
      }),
      readTails(kafka.source, sourceStarts, endsOf(sourceEnds, some), wanted, { isolation, isTimed, positions }),
    ])
    return some.map(({ topic, partition }) => {
      const name = partitionName({ topic, partition })
      const start = offsetOf(targetStarts, { topic, partition }) ?? 0n
      const found = {
        source: source.get(name)?.tail ?? [],
        target: target.get(name)?.tail ?? [],
        targetWhole: target.get(name)?.whole ?? true,
        targetShortened: start > 0n,
        compacted: configs.get(topic)?.get('cleanup.policy')?.includes('compact') ?? false,
      }
      return { topic, partition, comparison: compareTails(found, wanted) }
    })
  }
  return { partitions: [...eachPartition(sourceEnds)], targetEnds, tails }
}

function* inPortions<T>(items: readonly T[], wanted: number): Generator<readonly T[]> {
  const size = Math.max(1, Math.floor(recordsAtOnce / wanted))
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size)
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
  ends: readonly PartitionOffset[],
  wanted: number,
  { isolation, isTimed, positions, isOrphan }: Reading,
): Promise<ReadonlyMap<string, { tail: readonly Printed[]; whole: boolean }>> {
  const found = new Map<string, { tail: readonly Printed[]; whole: boolean }>()
  let left = ends.map(({ topic, partition, offset: to }) => {
    const start = offsetOf(starts, { topic, partition }) ?? 0n
    const mark = (positions ? offsetOf(positions, { topic, partition }) : to) ?? start
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
      if (enough || whole) found.set(partitionName(range), { tail, whole })
      return !enough && !whole
    })
  }
  return found
}
