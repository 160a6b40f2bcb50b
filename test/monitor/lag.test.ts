import { describe, expect, it } from '@jest/globals'
import { pointCodec } from '../../src/monitor/codec.js'
import { groupLag } from '../../src/monitor/lag.js'
import type { LagPoint } from '../../src/monitor/samples.js'
import { timeLag } from '../../src/monitor/time-lag.js'

const second = 1000
const limits = { allowed: 10n, stalledMs: 60 * second }

/** One sample every five seconds for one partition: its log end and what the group has committed, newest last. */
function series(
  ends: readonly number[],
  commits: readonly (number | null)[],
  live: boolean | null = true,
): Map<string, LagPoint[]> {
  const points = ends.map((end, i) => {
    const committed = commits[i] ?? null
    return {
      at: i * 5 * second,
      live,
      partitions: [{ partition: 0, end: BigInt(end), committed: committed === null ? null : BigInt(committed) }],
    }
  })
  return new Map([['orders', points]])
}
const times = <T>(n: number, of: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => of(i))
const now = (points: Map<string, LagPoint[]>) => points.get('orders')!.at(-1)!.at

describe('the rules of lag, first match wins', () => {
  const growing = times(20, (i) => 1000 + 100 * i)
  it.each<[what: string, rule: number, state: string, Map<string, LagPoint[]>]>([
    ['one sample only', 1, 'ok', series([5000], [0])],
    [
      'a group that never committed there',
      1,
      'ok',
      series(
        growing,
        times(20, () => null),
      ),
    ],
    [
      'lag within what is allowed',
      1,
      'ok',
      series(
        growing,
        growing.map((end) => end - 10),
      ),
    ],
    [
      'drained at last',
      1,
      'ok',
      series(
        times(20, () => 1000),
        times(20, (i) => Math.min(1000, i * 100)),
      ),
    ],
    [
      'nobody reads while records wait',
      2,
      'stopped',
      series(
        growing,
        times(20, () => 500),
        false,
      ),
    ],
    [
      'nobody reads, though nobody writes either',
      2,
      'stopped',
      series(
        times(20, () => 1000),
        times(20, () => 500),
        false,
      ),
    ],
    [
      'commits went back and are still behind',
      3,
      'rewound',
      series(
        growing,
        times(20, (i) => (i < 15 ? 900 : 100 + i)),
      ),
    ],
    [
      'went back and recovered',
      7,
      'ok',
      series(
        times(20, () => 5000),
        times(20, (i) => (i === 10 ? 50 : 100 + i * 10)),
      ),
    ],
    [
      'was at zero lag within the window',
      4,
      'ok',
      series(
        growing,
        growing.map((end, i) => (i < 12 ? end : 2100)),
      ),
    ],
    [
      'members, and commits that do not move',
      5,
      'stalled',
      series(
        growing,
        times(20, () => 500),
      ),
    ],
    [
      'commits that do not move, of a group of unknown kind',
      5,
      'stalled',
      series(
        growing,
        times(20, () => 500),
        null,
      ),
    ],
    [
      'not moved, but not for long enough',
      7,
      'ok',
      series(
        growing.slice(0, 12),
        times(12, () => 500),
      ),
    ],
    [
      'moves, but lag only grows',
      6,
      'warning',
      series(
        growing,
        times(20, (i) => 500 + i * 10),
      ),
    ],
    [
      'moves, lag is steady',
      7,
      'ok',
      series(
        growing,
        growing.map((end) => end - 500),
      ),
    ],
    [
      'behind, and catching up',
      7,
      'ok',
      series(
        growing,
        times(20, (i) => 100 + i * 120),
      ),
    ],
  ])('%s: rule %d, %s', (_, rule, state, points) => {
    const { worst } = groupLag('billing', points, limits, now(points))
    expect(worst).toMatchObject({ rule, state })
  })

  it('does not call a group stalled that has only just been joined', () => {
    const points = series(
      times(20, () => 1000),
      times(20, () => 500),
      false,
    )
    const list = points.get('orders')!
    list[19] = { ...list[19]!, live: true }
    expect(groupLag('billing', points, limits, now(points)).state).toBe('ok')
  })

  it('is as bad as the worst partition, and says which', () => {
    const points = series(growing, growing)
    const stuck = times(20, (i) => ({ partition: 1, end: BigInt(1000 + i), committed: 7n }))
    const both = points.get('orders')!.map((point, i) => ({ ...point, partitions: [...point.partitions, stuck[i]!] }))
    expect(groupLag('billing', new Map([['orders', both]]), limits, now(points))).toMatchObject({
      state: 'stalled',
      lag: 1012n,
      worst: { topic: 'orders', partition: 1, rule: 5 },
    })
  })

  it('forgets topics of which no sample has come for long', () => {
    const points = series(
      growing,
      times(20, () => 500),
    )
    expect(groupLag('billing', points, limits, now(points) + 200 * second)).toMatchObject({
      state: 'ok',
      lag: 0n,
      worst: null,
    })
  })
})

describe('lag in time', () => {
  const line = (...points: [seconds: number, end: number][]) =>
    points.map(([s, end]) => ({ at: s * second, end: BigInt(end) }))
  it.each<[string, { at: number; end: bigint }[], number, number | null]>([
    ['read up to the end', line([0, 100], [10, 200]), 200, 0],
    ['between two points', line([0, 100], [10, 200], [20, 300]), 150, 15 * second],
    ['before all points, along the line', line([10, 200], [20, 300]), 100, 20 * second],
    ['one point tells nothing', line([0, 100]), 50, null],
    ['a log that does not grow tells nothing', line([0, 100], [10, 100]), 50, null],
    ['a flat run counts from its end', line([0, 100], [5, 200], [10, 200], [15, 200], [20, 300]), 200, 5 * second],
    ['a log end that went back is left out', line([0, 100], [5, 50], [10, 200]), 150, 5 * second],
  ])('%s', (_, points, committed, lagMs) => {
    expect(timeLag(points, BigInt(committed), points.at(-1)!.at)).toBe(lagMs)
  })
})

it('a point comes back from its text as it was', () => {
  const point: LagPoint = {
    at: 1,
    live: null,
    partitions: [
      { partition: 0, end: 9_007_199_254_740_993n, committed: null },
      { partition: 3, end: 5n, committed: 0n },
    ],
  }
  expect(pointCodec.decode(pointCodec.encode(point))).toEqual(point)
})
