import type { LogRecord, Offsets, Range } from '../../connect/kafka/types.js'
import { createCommitted, provenanceOf } from '../../proof/copies.js'
import { certificateFact, orphansFact, readFact, type Waterline, waterlineFact } from '../../proof/facts.js'
import { fromJson, higher, offsetOf, partitionName } from '../../proof/offsets.js'
import { between } from '../../proof/ranges.js'
import type { Json } from '../../runbook/json.js'
import type { FactName } from '../../runbook/language.js'
import type { Ends, Scans } from './clients.js'

type Facts = { fact(name: FactName): Promise<Json | undefined> }

/** The newest waterline, unless the mirror was started since: then records have come by mirror above it too. */
export async function standingWaterline({ fact }: Facts): Promise<Waterline | undefined> {
  const waterline = readFact(waterlineFact, await fact('waterline'))
  const startedAt = readFact(orphansFact, await fact('orphans'))?.mirrorStartedAt
  return waterline && startedAt !== undefined && waterline.at < startedAt ? undefined : waterline
}

/** What was born on the target, `[waterline, log end)`: what rolling back owes to the source. */
export async function debtRanges(target: Ends, topics: readonly string[], facts: Facts): Promise<Range[]> {
  const waterline = await standingWaterline(facts)
  return waterline ? between(fromJson(waterline.offsets), await target.endOffsets(topics)) : []
}

/** The source's log ends when it was drained: copies lie above them, and nothing else may. */
export async function drainedEnds({ fact }: Facts): Promise<Offsets | undefined> {
  const certified = readFact(certificateFact, await fact('certificate'))?.source
  return certified && fromJson(certified.ends)
}

export interface CopiedSoFar {
  /** The debt of one partition. */
  readonly range: Range
  /** The next target offset to copy. */
  readonly next: bigint
  /** The source's last data record, when it is no copy of this partition. */
  readonly stranger: bigint | undefined
}

const firstLook = 64n

/** How far the copies have come, by what the last data record above the drain's end says of itself. */
export async function copiedSoFar(
  source: Ends & Scans,
  debt: readonly Range[],
  drained: Offsets,
): Promise<CopiedSoFar[]> {
  const ends = await source.endOffsets([...new Set(debt.map(({ topic }) => topic))])
  const found = new Map<Range, CopiedSoFar>()
  let left = debt.map((range) => {
    const to = offsetOf(ends, range) ?? 0n
    return { range, to, start: offsetOf(drained, range) ?? to }
  })
  for (let back = firstLook; left.length > 0; back *= 16n) {
    const asked = left.map((one) => ({ ...one, from: higher(one.to - back, one.start) }))
    const lasts = await lastRecords(
      source,
      asked.map(({ range: { topic, partition }, from, to }) => ({ topic, partition, from, to })),
    )
    left = asked.filter(({ range, from, start }, i) => {
      const last = lasts[i]
      if (!last && from > start) return true
      const copied = last && provenanceOf(last, range)
      found.set(range, {
        range,
        next: copied === undefined ? range.from : copied + 1n,
        stranger: last && copied === undefined ? last.offset : undefined,
      })
      return false
    })
  }
  return debt.map((range) => found.get(range)!)
}

/** The target offset that the newest copy in a piece of the source came from, whatever else lies there; undefined where there is none. */
export async function newestCopyIn(source: Scans, piece: Range): Promise<bigint | undefined> {
  let newest: bigint | undefined
  await source.scan([piece], (_, batch) => {
    if (batch.control) return
    for (const record of batch.records()) {
      const copied = record.offset >= piece.from && record.offset < piece.to ? provenanceOf(record, piece) : undefined
      if (copied !== undefined) newest = higher(newest ?? copied, copied)
    }
  })
  return newest
}

export const sayStranger = ({ range, stranger }: CopiedSoFar): string =>
  `${partitionName(range)}@${stranger} on the source is no copy`

async function lastRecords(kafka: Scans, ranges: readonly Range[]): Promise<(LogRecord | undefined)[]> {
  const lasts = new Map<Range, LogRecord>()
  await kafka.scan(
    ranges.filter(({ from, to }) => from < to),
    (range, batch) => {
      if (batch.control) return
      for (const record of batch.records())
        if (record.offset >= range.from && record.offset < range.to) lasts.set(range, record)
    },
  )
  return ranges.map((range) => lasts.get(range))
}

const fartherBy = 2000n

/** Committed data records of a piece of the log, in order. `end`: how far its transactions may reach; undefined when one is open there still. */
export async function committedIn(kafka: Scans, piece: Range, end: bigint): Promise<readonly LogRecord[] | undefined> {
  const collected = createCommitted(piece)
  let [from, to, step] = [piece.from, piece.to, fartherBy]
  for (;;) {
    if (from < to) await kafka.scan([{ ...piece, from, to }], (_, batch) => collected.add(batch))
    if (!collected.isOpen()) return collected.read()
    if (to >= end) return undefined
    from = to
    to = to + step < end ? to + step : end
    step *= 4n
  }
}

/** So many data records from an offset on, or fewer where the log ends. */
export async function recordsFrom(kafka: Scans, at: Omit<Range, 'to'>, wanted: number, end: bigint) {
  const found: LogRecord[] = []
  let from = at.from
  for (let step = BigInt(wanted) + fartherBy; found.length < wanted && from < end; step *= 4n) {
    const to = from + step < end ? from + step : end
    await kafka.scan([{ topic: at.topic, partition: at.partition, from, to }], (range, batch) => {
      if (batch.control) return
      for (const record of batch.records())
        if (record.offset >= range.from && record.offset < range.to) found.push(record)
    })
    from = to
  }
  return found.slice(0, wanted)
}
