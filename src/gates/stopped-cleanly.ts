import { z } from 'zod'
import { sides } from '../config/migration.js'
import { gate } from './gate.js'
import { few } from './reading/say.js'

const args = z.strictObject({ side: z.enum(sides) })

export const stoppedCleanly = gate<unknown, z.infer<typeof args>>({
  name: 'stopped-cleanly',
  proves:
    'no pod of the side was killed because its grace period was over (exit 137 without a kill for memory), with records in hand that were committed and not processed',
  args,
  async measure(_deps, { side }, { alerts }) {
    const killed = alerts.filter(({ cause }) => cause === `pods/${side}/grace-exceeded`)
    if (killed.length === 0)
      return { verdict: 'passed', text: `No pod on the ${side} had to be killed at the end of its grace period` }
    return {
      verdict: 'failed',
      reason: 'grace-exceeded',
      evidence: killed.map(({ text }) => text),
      text: `Not every pod on the ${side} has ended by itself: ${few(killed.map(({ text }) => text))} Ask its owner what it had in hand before it is taken for processed; then retry`,
    }
  },
})
