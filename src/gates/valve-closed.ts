import { z } from 'zod'
import { sides } from '../config/migration.js'
import { gate } from './gate.js'
import type { Connectors, OnConnect } from './reading/clients.js'
import { unlessUnreadable } from './reading/unreadable.js'
import { connectValve, noValve, valveState, valveWord } from './reading/valve.js'

const args = z.strictObject({ side: z.enum(sides) })

export const valveClosed = gate<OnConnect<Connectors>, z.infer<typeof args>>({
  name: 'valve-closed',
  proves: 'the valve on this side is stopped without a running task, so that it lets nothing in',
  args,
  gives: ['valve-word'],
  measure: ({ connect }, { side }, look) =>
    unlessUnreadable(async () => {
      const word = await valveWord(look, { gate: 'valve-closed', args: { side } }, side)
      if (word) return word
      const valve = connectValve(look.migration)
      if (!valve) return noValve
      const { connector, state, atRest } = await valveState(connect, valve, side)
      const evidence = { [side]: state }
      return atRest
        ? {
            verdict: 'passed',
            evidence,
            text: `The valve ${connector} on the ${side} is ${state}: nothing comes in there`,
          }
        : {
            verdict: 'failed',
            reason: 'open',
            evidence,
            text: `The valve ${connector} on the ${side} is still ${state}`,
          }
    }),
})
