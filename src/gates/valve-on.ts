import { z } from 'zod'
import { sides } from '../config/migration.js'
import { gate } from './gate.js'
import type { Connectors, OnConnect } from './reading/clients.js'
import { unlessUnreadable } from './reading/unreadable.js'
import { connectValve, noValve, otherSide, valveState, valveWord } from './reading/valve.js'

const args = z.strictObject({
  side: z.enum(sides),
  again: z
    .literal(true)
    .optional()
    .describe(
      'it has sent to the other side meanwhile: where people work it, they are asked whether it sends that again',
    ),
})

export const valveOn = gate<OnConnect<Connectors>, z.infer<typeof args>>({
  name: 'valve-on',
  proves: 'the valve lets data into this side and not into the other',
  args,
  gives: ['valve-word'],
  measure: ({ connect }, { side, again }, look) =>
    unlessUnreadable(async () => {
      const word = await valveWord(look, { gate: 'valve-on', args: { side, ...(again && { again }) } }, side)
      if (word) return word
      const valve = connectValve(look.migration)
      if (!valve) return noValve
      const [here, there] = await Promise.all([
        valveState(connect, valve, side),
        valveState(connect, valve, otherSide(side)),
      ])
      const evidence = { [here.side]: here.state, [there.side]: there.state }
      if (here.running && there.atRest)
        return {
          verdict: 'passed',
          evidence,
          text: `The valve ${here.connector} runs on the ${side}; on the ${there.side} it is ${there.state}`,
        }
      if (!there.atRest)
        return {
          verdict: 'failed',
          reason: 'other-side-runs',
          evidence,
          text: `The valve ${there.connector} on the ${there.side} is ${there.state}: it may let data in there too`,
        }
      return {
        verdict: 'failed',
        reason: here.failedTask ? 'task-failed' : 'not-running',
        evidence,
        text: `The valve ${here.connector} on the ${side} is ${here.state} without a running task${here.failedTask ? `: ${here.failedTask.split('\n')[0]}` : ''}`,
      }
    }),
})
