import type { Range } from '../../connect/kafka/types.js'
import { createTally, type Tally } from '../../proof/tally.js'
import type { Scans } from './clients.js'

export interface RangeTally extends Tally {
  /** Offsets at its beginning that retention had taken by the time it was read: nobody can say what lay there. */
  readonly gone: number
}

/** Reads ranges once and says what lies in each; ranges of one partition that overlap are read together. */
export async function tallyRanges(kafka: Scans, ranges: readonly Range[]): Promise<RangeTally[]> {
  const tallies = ranges.map(createTally)
  const covering = new Map<string, { range: Range; of: number[] }>()
  ranges.forEach((range, i) => {
    const name = `${range.topic}/${range.partition}`
    const known = covering.get(name)
    if (!known) covering.set(name, { range, of: [i] })
    else {
      covering.set(name, { range: hull(known.range, range), of: [...known.of, i] })
    }
  })
  const merged = [...covering.values()]
  const members = new Map(merged.map(({ range, of }) => [range, of]))
  const starts = await kafka.scan([...members.keys()], (range, batch) => {
    for (const i of members.get(range) ?? []) tallies[i]?.add(batch)
  })
  const gone = new Map<number, number>()
  merged.forEach(({ of }, at) => {
    for (const i of of) gone.set(i, goneOf(ranges[i]!, starts[at]))
  })
  return tallies.map((tally, i) => ({ ...tally.read(), gone: gone.get(i) ?? 0 }))
}

/** How much of a range lies before where reading it could begin. */
export function goneOf({ from, to }: Range, start = from): number {
  return start <= from ? 0 : Number((start < to ? start : to) - from)
}

function hull(a: Range, b: Range): Range {
  return { ...a, ...(b.from < a.from ? { from: b.from } : {}), ...(b.to > a.to ? { to: b.to } : {}) }
}
