import { lagGraph, type Point, sparkline } from '../../graph/index.js'
import type { GraphRequest } from '../messages/message.js'
import { escaped } from '../messages/say.js'
import type { Drawing } from './pictures.js'

/** How many records a group had still to read, over time; oldest first. */
export type LagPoints = (group: string, from: number, until: number) => Promise<readonly Point[]>

const mostLines = 6

export function createDrawing(points: LagPoints, now: () => number): Drawing {
  const series = async ({ groups, from, until }: GraphRequest) => {
    const all = await Promise.all(
      groups.map(async (name) => ({ name, points: await points(name, from, until ?? now()) })),
    )
    return all.filter(({ points }) => points.length > 0)
  }
  return {
    async png(request) {
      const lines = await series(request)
      return lines.some(({ points }) => points.length > 1)
        ? lagGraph({ title: request.title, series: lines, marks: request.marks, drained: request.drained ?? false })
        : null
    },
    async words(request) {
      const lines = (await series(request)).sort((a, b) => highest(b.points) - highest(a.points))
      if (lines.length === 0) return null
      const shown = lines
        .slice(0, mostLines)
        .map(
          ({ name, points }) =>
            `${escaped(name)}: ${sparkline(points)}${request.drained && points.at(-1)![1] > 0 ? ', none of it data' : ''}`,
        )
      return [...shown, ...(lines.length > mostLines ? [`and ${lines.length - mostLines} more groups`] : [])].join('\n')
    },
  }
}

const highest = (points: readonly Point[]): number => points.reduce((most, [, value]) => Math.max(most, value), 0)
