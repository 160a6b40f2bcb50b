import { createCanvas } from '@napi-rs/canvas'
import { CategoryScale, Chart, Legend, LinearScale, LineController, LineElement, PointElement, Title } from 'chart.js'
import { chartOf, type LagSeries } from './chart.js'
import { registerFont } from './font.js'
import type { Mark } from './plugins.js'

export interface LagGraph {
  readonly title: string
  readonly series: readonly LagSeries[]
  /** Moments worth a line: `producers stopped`. */
  readonly marks?: readonly Mark[]
  /** All data is read: whatever lag a line ends on is markers, aborted or compacted records, and its figure says so. */
  readonly drained?: boolean
  readonly width?: number
  readonly height?: number
}

/** Lag over time as a PNG that is readable on a phone: large letters, and lines that differ in colour and in dashes. */
export async function lagGraph({
  title,
  series,
  marks = [],
  drained = false,
  width = 1440,
  height = 720,
}: LagGraph): Promise<Buffer> {
  registerFont()
  Chart.register(CategoryScale, LinearScale, LineController, LineElement, PointElement, Legend, Title)
  const shown = worst(series)
  const heading = shown.length < series.length ? `${title} (the ${shown.length} highest of ${series.length})` : title
  const canvas = createCanvas(width, height)
  // Chart.js draws on anything with a 2D context; its types know the browser's canvas only.
  const chart = new Chart(canvas as never, chartOf(heading, shown, marks, drained))
  try {
    return await canvas.encode('png')
  } finally {
    chart.destroy()
  }
}

const mostSeries = 6

/** More lines than this cannot be told apart. */
function worst(series: readonly LagSeries[]): readonly LagSeries[] {
  if (series.length <= mostSeries) return series
  const highest = ({ points }: LagSeries) => Math.max(0, ...points.map(([, value]) => value))
  const chosen = new Set([...series].sort((a, b) => highest(b) - highest(a)).slice(0, mostSeries))
  return series.filter((one) => chosen.has(one))
}
