const s = 1000
const min = 60 * s
const h = 60 * min
const steps = [1, 2, 5, 10, 15, 30]
  .map((n) => n * s)
  .concat(
    [1, 2, 5, 10, 15, 30].map((n) => n * min),
    [1, 2, 3, 6, 12, 24].map((n) => n * h),
  )

/** Round moments between two times, at most `most` of them. */
export function timeTicks(from: number, to: number, most: number): { ticks: number[]; withSeconds: boolean } {
  const step = steps.find((each) => (to - from) / each <= most) ?? 24 * h
  const ticks: number[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at)
  return { ticks, withSeconds: step < min }
}
