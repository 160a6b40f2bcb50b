import type { Range } from '../../connect/kafka/types.js'
import { type Orphans, orphansFact, readFact } from '../../proof/facts.js'
import { fromJson } from '../../proof/offsets.js'
import { between, withOrphans } from '../../proof/ranges.js'
import type { Json } from '../../runbook/json.js'
import type { FactName } from '../../runbook/language.js'
import type { Ends, Scans } from './clients.js'
import { standingWaterline } from './copies.js'
import { countRecords } from './count.js'

/**
 * What lies on the target above the newest waterline, joined to the ranges of earlier runs. Only while the mirror is at rest since
 * that waterline: afterwards mirrored records lie above it too, and the ranges named before it was started are all there are.
 */
export async function nameOrphans(
  target: Ends & Scans,
  topics: readonly string[],
  count: (target: Scans, ranges: readonly Range[]) => Promise<readonly { range: Range; records: number }[]>,
  { now, fact }: { readonly now: number; fact(name: FactName): Promise<Json | undefined> },
): Promise<Orphans> {
  const earlier = readFact(orphansFact, await fact('orphans'))
  const waterline = await standingWaterline({ fact })
  if (!waterline) return earlier ?? { at: now, ranges: [] }
  const ranges = between(fromJson(waterline.offsets), await target.endOffsets(topics))
  return withOrphans(earlier, await count(target, ranges), now)
}

/** Reads the ranges, where they are short enough. */
export const byReading = (target: Scans, ranges: readonly Range[]) => countRecords(target, ranges, undefined)

/** Markers included, for an effect that has no time to read. */
export const byOffsets = async (_: Scans, ranges: readonly Range[]) =>
  ranges.map((range) => ({ range, records: Number(range.to - range.from) }))
