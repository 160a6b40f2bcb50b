import { z } from 'zod'
import { sides } from '../config/migration.js'
import { gate } from './gate.js'
import { measureGone } from './gone.js'
import { appsSeen, type SeesWorkloads } from './workloads.js'

const args = z.strictObject({ side: z.enum(sides) })

export const appsAsleep = gate<SeesWorkloads, z.infer<typeof args>>({
  name: 'apps-asleep',
  proves: 'every app of a side is scaled to zero and has no pod, so that nobody there reads or writes',
  args,
  async measure(deps, { side }, { migration, now }) {
    const measured = measureGone(await appsSeen(deps, migration, side), `the ${side}`, now)
    if (measured.verdict === 'passed') return { ...measured, text: `The ${side} is asleep: ${measured.text}` }
    return {
      ...measured,
      text: `The ${side} is not asleep: ${measured.text} Scale them to zero, and see who starts them (an operator, a scaler).`,
    }
  },
})
