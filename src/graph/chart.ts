import type { ChartConfiguration } from 'chart.js'
import { timeTicks } from './axis.js'
import { family } from './font.js'
import { endLabels, legendGap, type Mark, markLines, paper } from './plugins.js'
import type { Point } from './sparkline.js'
import { sayShort, sayTime } from './words.js'

export interface LagSeries {
  readonly name: string
  readonly points: readonly Point[]
}

export function chartOf(
  title: string,
  series: readonly LagSeries[],
  marks: readonly Mark[],
  drained: boolean,
): ChartConfiguration<'line'> {
  const times = [...series.flatMap(({ points }) => points.map(([at]) => at)), ...marks.map(({ at }) => at)]
  const from = times.length > 0 ? Math.min(...times) : 0
  const to = Math.max(from + 1000, ...times)
  const { ticks, withSeconds } = timeTicks(from, to, 6)
  const font = (size: number, weight: 400 | 600 = 400) => ({ family, size, weight })
  return {
    type: 'line',
    data: {
      datasets: series.map(({ name, points }, i) => ({
        label: name,
        data: points.map(([x, y]) => ({ x, y })),
        borderColor: colourOf(i),
        borderDash: dashOf(i),
        // Later ones are thinner and lie above: where two lines are equal, both are seen.
        borderWidth: widthOf(i),
        order: -i,
        pointRadius: 0,
        tension: 0,
      })),
    },
    options: {
      animation: false,
      responsive: false,
      devicePixelRatio: 1,
      events: [],
      layout: { padding: { top: 16, right: drained ? 220 : 150, bottom: 12, left: 16 } },
      plugins: {
        title: { display: true, text: title, align: 'start', color: ink, font: font(38, 600), padding: { bottom: 4 } },
        legend: {
          align: 'start',
          labels: {
            font: font(30),
            usePointStyle: true,
            pointStyleWidth: 90,
            padding: 24,
            generateLabels: () => series.map(({ name }, i) => legendOf(name, i)),
          },
        },
      },
      scales: {
        x: {
          type: 'linear',
          min: from,
          max: to,
          afterBuildTicks: (axis) => {
            axis.ticks = ticks.map((value) => ({ value }))
          },
          ticks: {
            color: faint,
            font: font(26),
            maxRotation: 0,
            autoSkip: false,
            callback: (at) => sayTime(Number(at), withSeconds),
          },
          title: { display: true, text: 'UTC', align: 'end', color: faint, font: font(24) },
          grid: { color: '#eef1f4' },
          border: { color: ink, width: 3 },
        },
        y: {
          beginAtZero: true,
          suggestedMax: 10,
          ticks: { color: faint, font: font(26), maxTicksLimit: 6, callback: (n) => sayShort(Number(n)) },
          title: { display: true, text: 'lag in offsets', color: faint, font: font(26) },
          grid: { color: '#e3e7eb' },
          border: { display: false },
        },
      },
    },
    plugins: [paper, legendGap, markLines(marks, `24px "${family}"`), endLabels(`600 30px "${family}"`, drained)],
  }
}

const ink = '#1d1c1d'
const faint = '#54585d'
/** Okabe and Ito's, without the ones too pale on white: https://jfly.uni-koeln.de/color/ */
const colours = ['#0072b2', '#d55e00', '#009e73', '#a8457e', '#b07900', '#1d1c1d']
const dashes = [[], [22, 10], [5, 9], [22, 8, 5, 8], [40, 12], [12, 12]]

const widthOf = (i: number) => Math.max(4, 10 - 2 * i)
const colourOf = (i: number) => colours[i % colours.length]!
const dashOf = (i: number) => dashes[i % dashes.length]!

/** The library's own legend draws every line solid. */
function legendOf(text: string, i: number) {
  return {
    text,
    datasetIndex: i,
    fontColor: ink,
    strokeStyle: colourOf(i),
    lineWidth: widthOf(i),
    lineDash: dashOf(i),
    pointStyle: 'line' as const,
  }
}
