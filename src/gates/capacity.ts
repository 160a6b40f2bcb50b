import { z } from 'zod'
import { bytesPerSecond, sayBytes } from '../proof/eta.js'
import { capacityFact, readFact } from '../proof/facts.js'
import { eachPartition, fromJson, offsetOf, offsetsJson, toJson } from '../proof/offsets.js'
import { gate } from './gate.js'
import type { Ends, OnKafka, SizesOf, Starts } from './reading/clients.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({
  /** How many times what comes in now the target must take. */
  times: z.number().min(1).default(2),
  /** What comes in at most, where the traffic of this hour says little. */
  peak: z
    .string()
    .refine((text) => bytesPerSecond(text) !== undefined, 'expected a speed such as 20 MiB/s')
    .optional(),
})
const lastSchema = z.object({ at: z.number(), ends: offsetsJson })
const shortestMs = 3000

export const capacity = gate<OnKafka<Ends & Starts & SizesOf>, z.infer<typeof args>>({
  name: 'capacity',
  proves: 'the target took in a load run several times what comes in on the source; both runs are a lower bound',
  args,
  measure: ({ kafka }, { times, peak }, look) =>
    unlessUnreadable(async () => {
      const measured = readFact(capacityFact, await look.fact('capacity'))
      const ends = await kafka.source.endOffsets(look.migration.topics)
      const last = lastSchema.safeParse(look.last).data
      const base = last ?? { at: look.now, ends: toJson(ends) }
      const { target, source } = measured ?? {}
      if (!target)
        return {
          verdict: 'failed',
          reason: 'unmeasured',
          evidence: base,
          text: 'No load run was made on the target yet: the action load-run makes it, on a scratch topic',
        }
      const seconds = (look.now - base.at) / 1000
      if (peak === undefined && seconds * 1000 < shortestMs)
        return {
          verdict: 'inconclusive',
          reason: 'first-look',
          evidence: base,
          text: 'What comes in on the source is seen at the next look',
        }
      const comesIn = peak ? bytesPerSecond(peak)! : await incoming(kafka.source, fromJson(base.ends), ends, seconds)
      const evidence = { ...base, comesIn, target: target.bytesPerSecond, source: source?.bytesPerSecond ?? null }
      const beside = source ? `, the source ${sayBytes(source.bytesPerSecond)}/s` : ''
      const said = `In a load run the target took ${sayBytes(target.bytesPerSecond)}/s${beside}; ${sayBytes(Math.round(comesIn))}/s ${peak ? 'are expected at most' : 'come in now'}`
      if (target.bytesPerSecond < comesIn * times)
        return { verdict: 'failed', reason: 'too-small', evidence, text: `${said}: less than ${times} times that` }
      return { verdict: 'passed', evidence, text: said }
    }),
})

/** Bytes per second: records that came in, each as long as its partition's are on disk. */
async function incoming(
  source: Starts & SizesOf,
  before: Awaited<ReturnType<Ends['endOffsets']>>,
  ends: Awaited<ReturnType<Ends['endOffsets']>>,
  seconds: number,
): Promise<number> {
  const topics = [...ends.keys()]
  const [starts, sizes] = await Promise.all([source.startOffsets(topics), source.sizes(topics)])
  return [...eachPartition(ends)].reduce((sum, { topic, partition, offset: end }) => {
    const kept = Number(end - (offsetOf(starts, { topic, partition }) ?? 0n))
    const perRecord = kept > 0 ? Number(offsetOf(sizes, { topic, partition }) ?? 0n) / kept : 0
    const grown = Number(end - (offsetOf(before, { topic, partition }) ?? end))
    return sum + (grown * perRecord) / seconds
  }, 0)
}
