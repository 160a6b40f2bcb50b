import type { Range } from '../../connect/kafka/types.js'
import { createTally, type Tally } from '../../proof/tally.js'
import type { Scans } from './clients.js'

/** Reads ranges once and says what lies in each; ranges of one partition that overlap are read together. */
export async function tallyRanges(kafka: Scans, ranges: readonly Range[]): Promise<Tally[]> {
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
  await kafka.scan([...members.keys()], (range, batch) => {
    for (const i of members.get(range) ?? []) tallies[i]?.add(batch)
  })
  return tallies.map((tally) => tally.read())
}

function hull(a: Range, b: Range): Range {
  return { ...a, ...(b.from < a.from ? { from: b.from } : {}), ...(b.to > a.to ? { to: b.to } : {}) }
}
