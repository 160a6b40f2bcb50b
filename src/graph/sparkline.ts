import { sayCount, sayTime } from './words.js'

/** [epoch milliseconds, value] */
export type Point = readonly [at: number, value: number]

/** A curve in one line of text, with its words, for when no picture can be shown: `12,400 █▆▃▁ 0 (02:13:05 to 02:15:00 UTC, highest 12,400)`. */
export function sparkline(points: readonly Point[], width = 24): string {
  const first = points[0]
  const last = points.at(-1)
  if (!first || !last) return 'no samples yet'
  const highest = Math.max(...points.map(([, value]) => value))
  const curve = sampled(points, width)
    .map((value) => bar(value, highest))
    .join('')
  return `${sayCount(first[1])} ${curve} ${sayCount(last[1])} (${sayTime(first[0], true)} to ${sayTime(last[0], true)} UTC, highest ${sayCount(highest)})`
}

const bars = ['▂', '▃', '▄', '▅', '▆', '▇', '█']

/** Zero has a bar of its own, so that nearly drained never looks like drained. */
function bar(value: number, highest: number): string {
  if (value <= 0 || highest <= 0) return '▁'
  return bars[Math.min(bars.length - 1, Math.floor((value / highest) * bars.length))]!
}

/** The highest value of each slice of time, and the very last value at the end. */
function sampled(points: readonly Point[], width: number): number[] {
  if (points.length <= width) return points.map(([, value]) => value)
  const slices = Array.from({ length: width }, (_, i) =>
    points.slice(Math.floor((i * points.length) / width), Math.floor(((i + 1) * points.length) / width)),
  )
  return [...slices.slice(0, -1).map((slice) => Math.max(...slice.map(([, value]) => value))), points.at(-1)![1]]
}
