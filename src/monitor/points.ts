import { sides } from '../config/migration.js'
import type { LagPoint, Samples } from './samples.js'

/** [epoch milliseconds, records]: how much a group had still to read, on whichever side was sampled, oldest first. */
export async function lagPoints(
  samples: Pick<Samples, 'read'>,
  group: string,
  from: number,
  until: number,
): Promise<[at: number, records: number][]> {
  const series = await Promise.all(sides.map((side) => samples.read(side, group)))
  const sums = new Map<number, number>()
  for (const point of series.flatMap((topics) => [...topics.values()].flat()))
    if (point.at >= from && point.at <= until) sums.set(point.at, (sums.get(point.at) ?? 0) + lagOf(point))
  return [...sums].sort(([a], [b]) => a - b)
}

const lagOf = ({ partitions }: LagPoint): number =>
  partitions.reduce(
    (sum, { end, committed }) => sum + (committed === null || end < committed ? 0 : Number(end - committed)),
    0,
  )
