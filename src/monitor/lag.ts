import type { LagPoint } from './samples.js'
import { timeLag } from './time-lag.js'

export type LagState = 'ok' | 'warning' | 'rewound' | 'stalled' | 'stopped'

/** How one partition stands, and by which of the numbered rules. */
export interface PartitionLag {
  readonly topic: string
  readonly partition: number
  readonly state: LagState
  readonly rule: number
  /** Records; a partition without a commit counts as not read at all by anybody's rule, so its lag is null. */
  readonly lag: bigint | null
  /** How old the next record to read is, as far as the samples can tell. */
  readonly lagMs: number | null
}

export interface GroupLag {
  readonly group: string
  readonly state: LagState
  /** Over all partitions that have a commit. */
  readonly lag: bigint
  readonly lagMs: number | null
  /** The one that makes the state. */
  readonly worst: PartitionLag | null
  readonly partitions: readonly PartitionLag[]
}

export interface LagLimits {
  /** Up to this many records behind is nobody's concern. */
  readonly allowed: bigint
  /** For how long commits must not have moved. */
  readonly stalledMs: number
}

/** A group is as bad as its worst partition. Points older than the window, and those of topics it no longer reads, do not count. */
export function groupLag(
  group: string,
  points: ReadonlyMap<string, readonly LagPoint[]>,
  limits: LagLimits,
  now: number,
): GroupLag {
  const partitions = [...points].flatMap(([topic, ofTopic]) => {
    const newest = ofTopic.at(-1)
    if (!newest || now - newest.at > 2 * limits.stalledMs) return []
    return newest.partitions.map(({ partition }) => partitionLag(topic, partition, ofTopic, limits, now))
  })
  const worst = [...partitions].sort(byWorst)[0] ?? null
  const lagMs = partitions.reduce<number | null>(
    (most, { lagMs }) => (lagMs !== null && lagMs > (most ?? -1) ? lagMs : most),
    null,
  )
  return {
    group,
    state: worst?.state ?? 'ok',
    lag: partitions.reduce((sum, { lag }) => sum + (lag ?? 0n), 0n),
    lagMs,
    worst,
    partitions,
  }
}

function partitionLag(
  topic: string,
  partition: number,
  points: readonly LagPoint[],
  limits: LagLimits,
  now: number,
): PartitionLag {
  const seen = points.flatMap(({ at, live, partitions }) => {
    const one = partitions.find((each) => each.partition === partition)
    return one ? [{ at, live, end: one.end, committed: one.committed }] : []
  })
  const last = seen.at(-1)
  const lag = last && last.committed !== null ? max(last.end - last.committed, 0n) : null
  const lagMs = last && last.committed !== null ? timeLag(seen, last.committed, now) : null
  const [rule, state] = judge(seen, limits)
  return { topic, partition, state, rule, lag, lagMs }
}

interface Seen {
  readonly at: number
  readonly live: boolean | null
  readonly end: bigint
  readonly committed: bigint | null
}

/**
 * Burrow's rules (core/internal/evaluator/caching.go), in its order, the first that matches; over samples of offsets instead of commits, so that a group that
 * commits seldom is not taken for a stopped one (Burrow#195): a group is stopped when it has no member, stalled when it has.
 */
function judge(seen: readonly Seen[], { allowed, stalledMs }: LagLimits): readonly [rule: number, state: LagState] {
  const all = seen.flatMap(({ at, live, end, committed }) =>
    committed === null ? [] : [{ at, live, committed, lag: max(end - committed, 0n) }],
  )
  // The window ends with the newest sample, so that a pause in sampling changes nothing; the point before it belongs to it, or the points never span it.
  const window = all.slice(
    Math.max(
      0,
      all.findLastIndex(({ at }) => at <= (all.at(-1)?.at ?? 0) - stalledMs),
    ),
  )
  const [first, last] = [window[0], window.at(-1)]
  if (!first || !last || window.length < 2 || last.lag <= allowed) return [1, 'ok']
  const still = window.every(({ committed }) => committed === first.committed)
  const long = last.at - first.at >= stalledMs
  if (still && long && window.every(({ live }) => live === false)) return [2, 'stopped']
  const furthest = window.reduce((most, { committed }) => max(most, committed), 0n)
  if (last.committed < furthest) return [3, 'rewound']
  if (window.some(({ lag }) => lag <= allowed)) return [4, 'ok']
  if (still && long && window.every(({ live }) => live !== false)) return [5, 'stalled']
  const neverLess = window.every(({ lag }, i) => i === 0 || lag >= window[i - 1]!.lag)
  if (neverLess && long && last.lag > first.lag) return [6, 'warning']
  return [7, 'ok']
}

const order: readonly LagState[] = ['stopped', 'stalled', 'rewound', 'warning', 'ok']

function byWorst(a: PartitionLag, b: PartitionLag): number {
  return order.indexOf(a.state) - order.indexOf(b.state) || Number((b.lag ?? 0n) - (a.lag ?? 0n))
}

const max = (a: bigint, b: bigint) => (a > b ? a : b)
