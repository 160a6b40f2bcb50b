import { z } from 'zod'
import { sayDuration } from '../config/duration.js'
import { sides } from '../config/migration.js'
import { groupsOf } from '../proof/consumption.js'
import { baselineFact, readFact } from '../proof/facts.js'
import { fromJson, toJson } from '../proof/offsets.js'
import { ratePerTopic, sayRate, total } from '../proof/rates.js'
import { slide } from '../proof/window.js'
import { gate } from './gate.js'
import type { Commits, OnKafka } from './reading/clients.js'
import { leastMs, ratesEvidence, tolerance, windowMs } from './reading/rates.js'
import { few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ side: z.enum(sides), tolerance })
const steadyRate = 1

export const rateOut = gate<OnKafka<Commits>, z.infer<typeof args>>({
  name: 'rate-out',
  proves: 'the groups read on this side at about the rate of before, and none that steadily read has stopped',
  args,
  needs: ['baseline'],
  measure: ({ kafka }, { side, tolerance: share }, look) =>
    unlessUnreadable(async () => {
      const names = groupsOf(look.migration.apps).map(({ group }) => group)
      const commits = await kafka[side].committed(names)
      const sample = { at: look.now, seen: Object.fromEntries([...commits].map(([group, of]) => [group, toJson(of)])) }
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
          text: `Measuring what the groups read on the ${side}`,
        }
      const rates = Object.fromEntries(
        [...commits].map(([group, of]) => [
          group,
          total(ratePerTopic(fromJson(window.base.seen[group] ?? {}), of, overMs)),
        ]),
      )
      const before = total(Object.fromEntries(names.map((group) => [group, fact.rateOut[group] ?? 0])))
      const stopped = names.filter((group) => (fact.rateOut[group] ?? 0) >= steadyRate && !rates[group])
      const evidence = { window, rates, before }
      const figures = `${sayRate(total(rates))} are read on the ${side} over ${sayDuration(overMs)}; at least ${sayRate(before * (1 - share))} are wanted, after ${sayRate(before)} before`
      if (stopped.length > 0)
        return { verdict: 'failed', reason: 'stopped', evidence, text: `${figures}; nothing by ${few(stopped)}` }
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
