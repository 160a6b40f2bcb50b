/**
 * How long ago the log end stood where the group stands now, in milliseconds; null when two points do not tell yet.
 * As kafka-lag-exporter does it (LookupTable.scala): between the two points around the committed offset, or along the whole line beyond them.
 * Good to about the sampling interval.
 */
export function timeLag(
  points: readonly { readonly at: number; readonly end: bigint }[],
  committed: bigint,
  now: number,
): number | null {
  const line = rising(points)
  const last = line.at(-1)
  if (!last) return null
  if (committed >= last.end) return 0
  const first = line[0]!
  if (line.length < 2) return null
  const above = line.findLastIndex(({ end }, i) => i > 0 && line[i - 1]!.end <= committed && committed < end)
  const [left, right] = above > 0 ? [line[above - 1]!, line[above]!] : [first, last]
  const rise = Number(right.end - left.end)
  if (rise === 0) return null
  const at = right.at - (Number(right.end - committed) * (right.at - left.at)) / rise
  return Math.max(0, Math.round(now - at))
}

/** A log end that goes back (an unclean leader) is left out, and a flat run keeps its two ends only. */
function rising<P extends { readonly at: number; readonly end: bigint }>(points: readonly P[]): readonly P[] {
  const kept: P[] = []
  for (const point of points) {
    const [last, before] = [kept.at(-1), kept.at(-2)]
    if (last && point.end < last.end) continue
    if (last && before && point.end === last.end && last.end === before.end) kept[kept.length - 1] = point
    else kept.push(point)
  }
  return kept
}
