import { z } from 'zod'
import { sayDuration } from '../config/duration.js'
import { type Migration, sides } from '../config/migration.js'
import { baselineFact, readFact } from '../proof/facts.js'
import { fromJson, toJson } from '../proof/offsets.js'
import { ratePerTopic, sayRate, total } from '../proof/rates.js'
import { slide } from '../proof/window.js'
import { gate } from './gate.js'
import type { Ends, OnKafka } from './reading/clients.js'
import { leastMs, ratesEvidence, tolerance, windowMs } from './reading/rates.js'
import { few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ side: z.enum(sides), tolerance })
/** Below this a topic may be silent for a whole window by chance. */
const steadyRate = 1

export const rateIn = gate<OnKafka<Ends>, z.infer<typeof args>>({
  name: 'rate-in',
  proves:
    'the producers write on this side at about the rate of before, and no topic that was steadily written has gone silent',
  args,
  needs: ['baseline'],
  measure: ({ kafka }, { side, tolerance: share }, look) =>
    unlessUnreadable(async () => {
      const topics = producedUpstream(look.migration)
      const ends = await kafka[side].endOffsets(topics)
      const sample = { at: look.now, seen: { ends: toJson(ends) } }
      const window = slide(ratesEvidence.safeParse(look.last).data?.window, sample, windowMs)
      const overMs = look.now - window.base.at
      const fact = readFact(baselineFact, await look.fact('baseline'))
      if (!fact)
        return {
          verdict: 'inconclusive',
          reason: 'no-baseline',
          text: 'No baseline was measured, so there is no rate to compare with',
        }
      if (overMs < leastMs)
        return {
          verdict: 'failed',
          reason: 'too-short',
          evidence: { window },
          text: `Measuring what comes in on the ${side}`,
        }
      const rates = ratePerTopic(fromJson(window.base.seen.ends ?? {}), ends, overMs)
      const before = total(Object.fromEntries(topics.map((topic) => [topic, fact.rateIn[topic] ?? 0])))
      const silent = topics.filter((topic) => (fact.rateIn[topic] ?? 0) >= steadyRate && !rates[topic])
      const evidence = { window, rates, before }
      const figures = `${sayRate(total(rates))} come in on the ${side} over ${sayDuration(overMs)}; at least ${sayRate(before * (1 - share))} are wanted, after ${sayRate(before)} before`
      if (silent.length > 0)
        return { verdict: 'failed', reason: 'silent', evidence, text: `${figures}; nothing in ${few(silent)}` }
      return total(rates) >= before * (1 - share)
        ? { verdict: 'passed', evidence, text: figures }
        : {
            verdict: 'failed',
            reason: 'slower',
            evidence,
            text: `${figures}: more than ${Math.round(share * 100)}% less`,
          }
    }),
})

/** What upstream alone writes: at step 6 nobody else runs yet. */
function producedUpstream({ apps }: Migration): string[] {
  const of = (isUpstream: boolean) =>
    new Set(apps.filter((app) => (app.tier === 'upstream') === isUpstream).flatMap((app) => app.produces))
  const others = of(false)
  const upstream = [...of(true)]
  const alone = upstream.filter((topic) => !others.has(topic))
  return alone.length > 0 ? alone : upstream
}
