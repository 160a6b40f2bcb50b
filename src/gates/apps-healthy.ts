import { z } from 'zod'
import { durationMs, sayDuration } from '../config/duration.js'
import { sides } from '../config/migration.js'
import { gate } from './gate.js'
import { count, few } from './reading/say.js'
import { slowPods } from './slow-pods.js'
import { type AppSeen, appsSeen, type ReadsLogs, type SeesWorkloads } from './workloads.js'

const args = z.strictObject({
  side: z.enum(sides),
  calm: durationMs.default(120_000).describe('how long ago the last restart must be'),
})

export const appsHealthy = gate<SeesWorkloads & ReadsLogs, z.infer<typeof args>>({
  name: 'apps-healthy',
  proves: 'every app of a side runs with all the replicas it wants, all ready, and none has restarted lately',
  args,
  async measure(deps, { side, calm }, { migration, now }) {
    const apps = await appsSeen(deps, migration, side)
    const ill = apps.flatMap((one) => {
      const why = ailment(one, now, calm)
      return why ? [{ one, why }] : []
    })
    if (ill.length === 0)
      return {
        verdict: 'passed',
        text: `${count(apps.length, 'app')} on the ${side} healthy: all replicas ready, no restart in ${sayDuration(calm)}.`,
      }
    const pods = await slowPods(
      deps,
      side,
      ill.map(({ one }) => one),
      now,
    )
    return {
      verdict: 'failed',
      reason: 'unhealthy',
      evidence: ill.map(({ one, why }) => ({ app: one.app.name, why })),
      text: `${count(ill.length, 'app')} of ${apps.length} on the ${side} not healthy: ${few(ill.map(({ one, why }) => `${one.app.name} ${why}`))}.${pods.length > 0 ? ` See ${pods.join('; ')}` : ''}`,
    }
  },
})

function ailment({ replicas, ready, pods }: AppSeen, now: number, calmMs: number): string | undefined {
  if (replicas === 0) return 'is scaled to zero'
  if (ready < replicas) return `has ${ready} of ${replicas} ready`
  const restarted = pods.find((pod) => pod.restarts > 0 && pod.lastEnd && now - pod.lastEnd.at < calmMs)
  if (!restarted?.lastEnd) return undefined
  return `restarted ${sayDuration(Math.max(0, now - restarted.lastEnd.at))} ago (${restarted.name}: ${restarted.lastEnd.reason}, exit ${restarted.lastEnd.exitCode})`
}
