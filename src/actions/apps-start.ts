import { z } from 'zod'
import { sides, tiers } from '../config/migration.js'
import { inFlowOrder } from '../gates/flow.js'
import { otherSide } from '../gates/reading/valve.js'
import { action } from './action.js'
import { PlanError } from './errors.js'
import { performScale, readCounts, type Scaling, scaleEffect } from './scaling.js'

const args = z.strictObject({ side: z.enum(sides), tier: z.enum(tiers) })

export const appsStart = action<Scaling, z.infer<typeof args>>({
  name: 'apps-start',
  does: 'scales the apps of a tier up to the counts that were remembered when they were stopped',
  args,
  needs: ['counts'],
  undone: ({ side, tier }) => [{ gate: 'apps-gone', args: { side, tier }, withinMs: 600_000 }],
  async plan({ workloads }, { side, tier }, { migration, fact }) {
    const apps = migration.apps.filter((app) => app.tier === tier)
    const replicas = await workloads[side].replicas(apps.map((app) => app.workload))
    const counts = readCounts(await fact('counts'))
    const unknown = apps.filter((app) => counts[app.name] === undefined && !replicas.get(app.workload))
    // Planned ahead of the night nothing is remembered yet: it will be what runs on the other side.
    const others = unknown.length
      ? await workloads[otherSide(side)].replicas(unknown.map((app) => app.workload))
      : new Map<string, number>()
    const effects = inFlowOrder(migration, apps).flatMap((app) => {
      const current = replicas.get(app.workload) ?? 0
      const wanted = counts[app.name] ?? (others.get(app.workload) || undefined)
      if (wanted === undefined && current === 0) throw countMissing(side, app)
      return wanted !== undefined && current < wanted ? [scaleEffect('apps-start', side, app, current, wanted)] : []
    })
    return { effects }
  },
  perform: performScale,
})

function countMissing(side: string, app: { name: string; workload: string }): PlanError {
  return new PlanError(
    'count-missing',
    `No replica count is remembered for ${app.name}: it was not running when its tier was stopped. ` +
      `Scale ${app.workload} on the ${side} by hand to the count it needs, then retry the step; or take it out of apps: in migration.yaml.`,
  )
}
