import { z } from 'zod'
import { sides, tiers } from '../config/migration.js'
import { gate } from './gate.js'
import { measureGone } from './gone.js'
import { appsSeen, type SeesWorkloads } from './workloads.js'

const args = z.strictObject({ side: z.enum(sides), tier: z.enum(tiers).optional() })

export const appsGone = gate<SeesWorkloads, z.infer<typeof args>>({
  name: 'apps-gone',
  proves: 'the apps of a side, or of one tier, have no replicas and no pods left; names the slow ones and why',
  args,
  async measure(deps, { side, tier }, { migration, now }) {
    return measureGone(await appsSeen(deps, migration, side, tier), tier ? `the ${side} (${tier})` : `the ${side}`, now)
  },
})
