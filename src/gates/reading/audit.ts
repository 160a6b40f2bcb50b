import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Migration, Side } from '../../config/migration.js'
import type { PackedRecord, Range } from '../../connect/kafka/types.js'
import {
  Buckets,
  createGathering,
  type Difference,
  type DifferingBucket,
  differingBuckets,
  Marks,
  nameDifferences,
} from '../../proof/audit.js'
import { type Orphans, orphansFact, readFact } from '../../proof/facts.js'
import { eachPartition, fromJson, offsetOf, partitionName } from '../../proof/offsets.js'
import { orphanTest } from '../../proof/ranges.js'
import type { Isolation } from '../../proof/tally.js'
import type { Json } from '../../runbook/json.js'
import type { FactName } from '../../runbook/language.js'
import type {
  ConnectorOffsets,
  ConnectorSettings,
  Ends,
  OnConnect,
  OnKafka,
  Scans,
  Starts,
  TopicConfigs,
} from './clients.js'
import { standingWaterline } from './copies.js'
import { mirrorIsolation, mirrorPositions } from './mirror.js'

export type AuditDeps = OnKafka<Ends & Starts & Scans & TopicConfigs> & OnConnect<ConnectorOffsets & ConnectorSettings>

const decimal = z.string().regex(/^\d+$/)
const span = z.object({ from: decimal, to: decimal })

/** What one partition's audit is to compare; it can be handed to any replica. */
export const partitionPlan = z.object({
  topic: z.string(),
  partition: z.number(),
  source: span,
  target: span,
  /** The next source offset that the mirror would read; null where it never read one. */
  position: decimal.nullable(),
  isolation: z.enum(['read_committed', 'read_uncommitted']),
  /** False: the target's broker sets timestamps of its own. */
  isTimed: z.boolean(),
  /** Ranges of the target that no mirror brought. */
  orphans: z.array(
    z.object({ topic: z.string(), partition: z.number(), from: z.string(), to: z.string(), records: z.number() }),
  ),
})
export type PartitionPlan = z.infer<typeof partitionPlan>

export interface AuditPlan {
  readonly partitions: readonly PartitionPlan[]
  /** Each topic with how many partitions of it are to be compared; `skipped`: why it cannot be, record by record. */
  readonly topics: readonly { readonly topic: string; readonly partitions: number; readonly skipped?: string }[]
}

export interface PartitionAudit {
  readonly topic: string
  readonly partition: number
  readonly records: Readonly<Record<Side, number>>
  /** Spans of time that differ, `[from, to)` in epoch milliseconds; null where time could not tell them apart. */
  readonly buckets: readonly ({ readonly from: number; readonly to: number } | null)[]
  /** The records that differ, the first ones by name. */
  readonly differences: readonly Difference[]
  /** How many in all; where there are too many to name, at least so many. */
  readonly differing: number
  /** Spans that differ in sum but were not taken apart: too many or too large. */
  readonly unexamined: number
}

/** Plans the whole window of both clusters: from where the logs begin to where they end now, or to the waterline where the mirror has ended. */
export async function planAudit(
  { kafka, connect }: AuditDeps,
  migration: Migration,
  topics: readonly string[],
  fact: (name: FactName) => Promise<Json | undefined>,
): Promise<AuditPlan> {
  const worker = connect(migration.mirror.url)
  const [positions, isolation] = await Promise.all([
    mirrorPositions(worker, migration),
    mirrorIsolation(worker, migration),
  ])
  const orphans = readFact(orphansFact, await fact('orphans'))
  const standing = await standingWaterline({ fact })
  // Above it lies what was born on the target.
  const waterline = standing && fromJson(standing.offsets)
  const configs = await kafka.source.topicConfigs(topics, ['cleanup.policy'])
  const targetConfigs = await kafka.target.topicConfigs(topics, ['message.timestamp.type'])
  // The target's ends first: whatever lies below them is in the source's log by the time that one's ends are read.
  const [targetEnds, targetStarts] = await Promise.all([
    kafka.target.endOffsets(topics),
    kafka.target.startOffsets(topics),
  ])
  const [sourceEnds, sourceStarts] = await Promise.all([
    kafka.source.endOffsets(topics),
    kafka.source.startOffsets(topics),
  ])

  const isTimed = (topic: string) => targetConfigs.get(topic)?.get('message.timestamp.type') !== 'LogAppendTime'
  const isShortened = (topic: string) =>
    [sourceStarts, targetStarts].some((starts) => [...(starts.get(topic)?.values() ?? [])].some((start) => start > 0n))
  const why = (topic: string): string | undefined => {
    if (configs.get(topic)?.get('cleanup.policy')?.includes('compact'))
      return 'it is compacted, so each side has dropped other records; tails-equal compares its latest values'
    if (!isTimed(topic) && isShortened(topic))
      return 'the target sets timestamps of its own (LogAppendTime), and retention has taken the beginning'
    return undefined
  }
  const orphansOf = new Map<string, Orphans['ranges']>()
  for (const range of orphans?.ranges ?? [])
    orphansOf.set(partitionName(range), [...(orphansOf.get(partitionName(range)) ?? []), range])
  const skipped = new Map(topics.map((topic) => [topic, why(topic)]))
  const partitions = [...eachPartition(sourceEnds)].flatMap(({ topic, partition, offset: to }) => {
    if (skipped.get(topic) !== undefined) return []
    const one = { topic, partition }
    const above = waterline && offsetOf(waterline, one)
    return [
      {
        ...one,
        source: { from: `${offsetOf(sourceStarts, one) ?? 0n}`, to: `${to}` },
        target: { from: `${offsetOf(targetStarts, one) ?? 0n}`, to: `${above ?? offsetOf(targetEnds, one) ?? 0n}` },
        position: offsetOf(positions, one)?.toString() ?? null,
        isolation,
        isTimed: isTimed(topic),
        orphans: orphansOf.get(partitionName(one)) ?? [],
      },
    ]
  })
  const counted = topics.map((topic) => {
    const because = skipped.get(topic)
    const own = because === undefined ? (sourceEnds.get(topic)?.size ?? 0) : 0
    return { topic, partitions: own, ...(because === undefined ? {} : { skipped: because }) }
  })
  return { partitions, topics: counted }
}

export interface Pace {
  /** Content read per second, of both sides together. */
  readonly bytesPerSecond: number
  readonly now: () => number
}

const widthMs = 60_000
const namedAtMost = 20
const bucketsAtMost = 20
/** So many buckets are taken apart; and none with more records than that, which would have to be held all at once. */
const examinedAtMost = 100
const markedAtMost = 200_000
const furtherOffsets = 10_000n
const lower = (a: bigint, b: bigint) => (a < b ? a : b)

/** Compares one partition on both sides: first sums of all buckets, then, where they differ, record by record. */
export async function auditPartition(
  { kafka }: OnKafka<Scans>,
  plan: PartitionPlan,
  pace: Pace,
): Promise<PartitionAudit> {
  const { topic, partition, isTimed } = plan
  const position = plan.position === null ? undefined : BigInt(plan.position)
  const isOrphan = orphanTest({ at: 0, ranges: plan.orphans })
  const isOurs = { source: () => true, target: (offset: bigint) => !isOrphan({ topic, partition }, offset) }
  const range = (side: Side): Range => ({ topic, partition, from: BigInt(plan[side].from), to: BigInt(plan[side].to) })
  const isolationOf = (side: Side): Isolation => (side === 'source' ? plan.isolation : 'read_committed')
  const readInto = paced(pace)

  const sums = async (side: Side) => {
    const gathering = createGathering(() => new Buckets(widthMs, isTimed, isOurs[side]), isolationOf(side))
    const start = await readInto(kafka[side], range(side), (batch, chunk) => gathering.add(batch, chunk), true)
    return { buckets: gathering.read(), shortened: start > 0n }
  }
  // One after the other: bounded memory, and each cluster feels half of the rate.
  const source = await sums('source')
  const target = await sums('target')
  const shortened = { source: source.shortened, target: target.shortened }
  const differing = differingBuckets(source.buckets, target.buckets, shortened)

  const marks = async (side: Side, bucket: DifferingBucket) => {
    const span = bucket[side]
    if (!span) return []
    const { time } = bucket
    const isIn = (record: PackedRecord) =>
      isOurs[side](record.offset) && (!time || (record.timestamp >= time.from && record.timestamp < time.to))
    const gathering = createGathering(() => new Marks(isTimed, isIn), isolationOf(side))
    const { to: end } = range(side)
    // A transaction may end behind its bucket.
    for (
      let { from, to } = span;
      from < to;
      [from, to] = [to, gathering.isOpen() ? lower(to + furtherOffsets, end) : to]
    )
      await readInto(kafka[side], { topic, partition, from, to }, (batch, chunk) => gathering.add(batch, chunk))
    return gathering.read().all
  }

  const found: PartitionAudit['buckets'][number][] = []
  const differences: Difference[] = []
  let count = 0
  let unexamined = 0
  for (const [i, bucket] of differing.entries()) {
    const size = Math.max(bucket.source?.count ?? 0, bucket.target?.count ?? 0)
    if (i < examinedAtMost && size <= markedAtMost) {
      const named = nameDifferences(await marks('source', bucket), await marks('target', bucket), position)
      // None: only what the mirror is still bringing made it differ.
      if (named.length === 0) continue
      count += named.length
      differences.push(...named.slice(0, namedAtMost - differences.length))
    } else {
      unexamined++
      // It may be only what the mirror is still bringing, so nothing in it is counted.
      if (position !== undefined && (bucket.source?.to ?? 0n) > position) continue
      count += Math.max(1, Math.abs((bucket.source?.count ?? 0) - (bucket.target?.count ?? 0)))
    }
    if (found.length < bucketsAtMost) found.push(bucket.time ?? null)
  }
  const records = { source: source.buckets.count, target: target.buckets.count }
  return { topic, partition, records, buckets: found, differences, differing: count, unexamined }
}

/** At a bounded rate a chunk is a small part of a second's worth: whoever else the brokers serve must not wait behind it. */
const chunkBytes = (bytesPerSecond: number) => Math.min(8 * 1024 * 1024, bytesPerSecond / 8)
const [leastChunk, mostChunk] = [100, 50_000]

/** Reads a range in chunks of about as many bytes, each no sooner than the rate allows; returns where the log really began. */
function paced({ bytesPerSecond, now }: Pace) {
  return async (
    kafka: Scans,
    range: Range,
    visit: (batch: Parameters<Parameters<Scans['scan']>[1]>[1], chunk: Range) => void,
    mayBeginLater = false,
  ) => {
    let start = range.from
    let size = 1000
    for (let from = range.from; from < range.to; ) {
      const begun = now()
      const to = from + BigInt(size) < range.to ? from + BigInt(size) : range.to
      const chunk = { ...range, from, to }
      let bytes = 0
      const [began] = await kafka.scan([chunk], (_, batch) => {
        bytes += batch.size
        visit(batch, chunk)
      })
      if (began !== undefined && began > from) {
        if (!mayBeginLater || from > range.from)
          throw new Error(
            `Retention took records of ${partitionName(range)} while it was audited. Ask for the audit again`,
          )
        start = began
      }
      const each = Math.max(1, bytes / Number(to - from))
      size = Math.round(Math.min(mostChunk, Math.max(leastChunk, chunkBytes(bytesPerSecond) / each)))
      from = to
      const early = (bytes * 1000) / bytesPerSecond - (now() - begun)
      if (early > 0) await pause(early)
    }
    return start
  }
}
