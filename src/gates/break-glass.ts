import { z } from 'zod'
import { durationMs } from '../config/duration.js'
import { digest } from '../runbook/json.js'
import { gate } from './gate.js'
import { type PackDeps, standing } from './pack/standing.js'
import { packText } from './pack/text.js'
import { at, count } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({
  mirror: z.enum(['first', 'last']).default('first'),
  /** While apps run, their offsets move at every look: a new pack is kept only so often. */
  every: durationMs.default(0),
})
export const packEvidence = z.object({ at: z.number(), text: z.string() })

export const breakGlass = gate<PackDeps, z.infer<typeof args>>({
  name: 'break-glass',
  proves:
    'everything that finishing or undoing the night by hand takes is written down and kept: offsets of both sides, replica counts, valve offsets, the commands left',
  args,
  measure: (deps, { mirror, every }, look) =>
    unlessUnreadable(async () => {
      const last = packEvidence.safeParse(look.last).data
      if (last && look.now - last.at < every) return kept(last)
      const found = await standing(deps, look)
      const text = packText(found, mirror)
      return kept(last && digest(last.text) === digest(text) ? last : { at: look.now, text })
    }),
})

function kept(pack: z.infer<typeof packEvidence>) {
  const files = pack.text.split('\n').filter((line) => line.startsWith('--- ')).length - 1
  return {
    verdict: 'passed' as const,
    evidence: pack,
    text: `The break-glass pack of ${at(pack.at)} holds ${count(files, 'file')} and the ways on and back by hand`,
  }
}
