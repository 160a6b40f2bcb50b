import type { Chart, Plugin } from 'chart.js'
import { sayCount } from './words.js'

export interface Mark {
  readonly at: number
  readonly label: string
}

/** Slack shows a picture on black in its dark mode: without paper the letters are gone. */
export const paper: Plugin<'line'> = {
  id: 'paper',
  beforeDraw: ({ ctx, width, height }) => {
    ctx.save()
    ctx.fillStyle = '#ffffff'
    ctx.fillRect(0, 0, width, height)
    ctx.restore()
  },
}

/** Room between the legend and the plot, for which the library has no setting. */
export const legendGap: Plugin<'line'> = {
  id: 'legend-gap',
  beforeInit: (chart) => {
    const legend = (chart as unknown as { legend?: { fit(): void; height: number } }).legend
    if (!legend) return
    const measured = legend.fit.bind(legend)
    legend.fit = () => {
      measured()
      legend.height += 16
    }
  },
}

/** A thin line and a word at each moment, the words on different heights so that near ones do not cover each other. */
export function markLines(marks: readonly Mark[], font: string): Plugin<'line'> {
  return {
    id: 'marks',
    afterDatasetsDraw: ({ ctx, chartArea, scales }) => {
      ctx.save()
      ctx.font = font
      ctx.textBaseline = 'top'
      for (const [i, { at, label }] of marks.entries()) {
        const x = scales.x!.getPixelForValue(at)
        ctx.strokeStyle = '#8a8f94'
        ctx.lineWidth = 3
        ctx.setLineDash([6, 6])
        ctx.beginPath()
        ctx.moveTo(x, chartArea.top)
        ctx.lineTo(x, chartArea.bottom)
        ctx.stroke()
        const width = ctx.measureText(label).width
        const left = x + 10 + width > chartArea.right ? x - 10 - width : x + 10
        const top = chartArea.top + 6 + (i % 3) * 34
        ctx.fillStyle = 'rgba(255, 255, 255, 0.85)'
        ctx.fillRect(left - 4, top - 3, width + 8, 30)
        ctx.fillStyle = '#1d1c1d'
        ctx.fillText(label, left, top)
      }
      ctx.restore()
    },
  }
}

/**
 * A dot where each line ends, with its figure, and a ring where it came down to zero for good: zero and nearly zero look alike
 * on any scale, so they are said.
 */
export function endLabels(font: string, drained: boolean): Plugin<'line'> {
  return {
    id: 'ends',
    afterDatasetsDraw: (chart) => {
      const { ctx } = chart
      ctx.save()
      ctx.font = font
      ctx.textBaseline = 'middle'
      ctx.lineWidth = 5
      for (const { x, y, labelY, text, colour, shared, drainedX } of labelled(ends(chart, drained))) {
        dot(ctx, x, y, 10, colour, colour)
        if (drainedX !== undefined && drainedX < x) dot(ctx, drainedX, y, 11, '#ffffff', colour)
        // On paper of its own: a mark at the same moment would run through the figure.
        if (text) {
          ctx.fillStyle = 'rgba(255, 255, 255, 0.9)'
          ctx.fillRect(x + 16, labelY - 17, ctx.measureText(text).width + 8, 34)
        }
        ctx.fillStyle = shared ? '#1d1c1d' : colour
        ctx.fillText(text, x + 20, labelY)
      }
      ctx.restore()
    },
  }
}

interface End {
  readonly x: number
  readonly y: number
  readonly text: string
  readonly colour: string
  readonly drainedX?: number
}

function ends(chart: Chart<'line'>, drained: boolean): readonly End[] {
  return chart.data.datasets.flatMap(({ data, borderColor }) => {
    const points = data as unknown as readonly { x: number; y: number }[]
    const last = points.at(-1)
    if (!last) return []
    const [x, y] = [chart.scales.x!.getPixelForValue(last.x), chart.scales.y!.getPixelForValue(last.y)]
    const end = {
      x,
      y,
      text: drained && last.y > 0 ? `${sayCount(last.y)}, no data` : sayCount(last.y),
      colour: String(borderColor),
    }
    const atZero = points[points.findLastIndex((point) => point.y > 0) + 1]
    return [atZero && last.y === 0 ? { ...end, drainedX: chart.scales.x!.getPixelForValue(atZero.x) } : end]
  })
}

const lineHeight = 36

/** From the bottom up, each label at least a line above the one below it; lines that end on the same figure share one label. */
function labelled(found: readonly End[]): readonly (End & { labelY: number; shared: boolean })[] {
  const sameAs = (end: End) => found.filter(({ text, x }) => text === end.text && Math.abs(x - end.x) < lineHeight)
  let below = Number.POSITIVE_INFINITY
  return [...found]
    .sort((a, b) => b.y - a.y)
    .map((end) => {
      const same = sameAs(end)
      if (same[0] !== end) return { ...end, text: '', labelY: end.y, shared: true }
      below = Math.min(end.y, below - lineHeight)
      return { ...end, labelY: below, shared: same.length > 1 }
    })
}

function dot(ctx: Chart['ctx'], x: number, y: number, radius: number, fill: string, stroke: string): void {
  ctx.beginPath()
  ctx.arc(x, y, radius, 0, 2 * Math.PI)
  ctx.fillStyle = fill
  ctx.strokeStyle = stroke
  ctx.fill()
  ctx.stroke()
}
