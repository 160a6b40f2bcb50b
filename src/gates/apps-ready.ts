import { z } from 'zod'
import { sides, tiers } from '../config/migration.js'
import { gate } from './gate.js'
import { count, few } from './reading/say.js'
import { slowPods } from './slow-pods.js'
import { appsSeen, type ReadsLogs, type SeesWorkloads } from './workloads.js'

const args = z.strictObject({ side: z.enum(sides), tier: z.enum(tiers).optional() })
const countsSchema = z.record(z.string(), z.number()).default({})

export const appsReady = gate<SeesWorkloads & ReadsLogs, z.infer<typeof args>>({
  name: 'apps-ready',
  proves: 'as many replicas are ready as were remembered when the app was stopped, or as are declared if that is more',
  args,
  async measure(deps, { side, tier }, { migration, now, fact }) {
    const counts = countsSchema.parse(await fact('counts'))
    const apps = (await appsSeen(deps, migration, side, tier)).map((one) => ({
      ...one,
      wanted: Math.max(counts[one.app.name] ?? 0, one.replicas),
    }))
    const where = tier ? `the ${side} (${tier})` : `the ${side}`
    const evidence = apps.map(({ app, ready, wanted }) => ({ app: app.name, ready, wanted }))
    const slow = apps.filter(({ ready, wanted, replicas }) => wanted === 0 || replicas < wanted || ready < wanted)
    const replicas = apps.reduce((sum, { wanted }) => sum + wanted, 0)
    if (slow.length === 0)
      return {
        verdict: 'passed',
        evidence,
        text: `${count(apps.length, 'app')} on ${where} ready with ${count(replicas, 'replica')}.`,
      }
    const names = slow.map(({ app, ready, wanted, replicas }) =>
      wanted === 0
        ? `${app.name} (scaled to zero, and no count is remembered)`
        : `${app.name} (${ready} of ${wanted} ready${replicas < wanted ? `, scaled to ${replicas} only` : ''})`,
    )
    const pods = await slowPods(deps, side, slow, now)
    const why = pods.length > 0 ? ` Waiting for ${pods.join('; ')}` : ''
    return {
      verdict: 'failed',
      reason: slow.some(({ wanted, replicas }) => replicas < wanted || wanted === 0) ? 'not-scaled' : 'not-ready',
      evidence,
      text: `${count(slow.length, 'app')} of ${apps.length} on ${where} not ready: ${few(names)}.${why}`,
    }
  },
})
