import { z } from 'zod'
import { type App, type Migration, sides, tiers } from '../config/migration.js'
import { cycleOf, inFlowOrder, writersOf } from '../gates/flow.js'
import type { Effect, GateCall } from '../runbook/language.js'
import { action } from './action.js'
import { PlanError } from './errors.js'
import { performScale, readCounts, type Scaling, scaleEffect } from './scaling.js'

const args = z.strictObject({ side: z.enum(sides), tier: z.enum(tiers), order: z.enum(['flow']).optional() })

export const appsStop = action<Scaling, z.infer<typeof args>>({
  name: 'apps-stop',
  does: 'scales the apps of a tier to zero and remembers their replica counts; with order: flow each one only when its inputs are dry',
  args,
  gives: ['counts'],
  undone: ({ side, tier }) => [{ gate: 'apps-ready', args: { side, tier }, withinMs: 600_000 }],
  async plan({ workloads }, { side, tier, order }, { migration, fact }) {
    const apps = migration.apps.filter((app) => app.tier === tier)
    const replicas = await workloads[side].replicas(apps.map((app) => app.workload))
    const running = apps.filter((app) => (replicas.get(app.workload) ?? 0) > 0)
    if (order === 'flow') for (const app of running) refuseAgainstFlow(migration, app)
    const effects = inFlowOrder(migration, running).map((app): Effect => {
      const effect = scaleEffect('apps-stop', side, app, replicas.get(app.workload)!, 0)
      return order === 'flow' && app.consumes.length > 0 ? { ...effect, gate: dry(side, app) } : effect
    })
    if (effects.length === 0) return { effects }
    const counts = { ...readCounts(await fact('counts')) }
    // The larger one: an app that a person or a scaler has half stopped already must come back whole.
    for (const app of running) counts[app.name] = Math.max(counts[app.name] ?? 0, replicas.get(app.workload)!)
    return { effects, facts: { counts } }
  },
  perform: performScale,
})

const dryWithinMs = 30 * 60_000

function dry(side: string, app: App): GateCall {
  return { gate: 'app-dry', args: { side, app: app.name }, forMs: app.settle, withinMs: dryWithinMs, warn: false }
}

/** A writer of another tier is still running when this tier stops, so its reader could never be found dry. */
function refuseAgainstFlow(migration: Migration, app: App): void {
  const cycle = cycleOf(migration, app)
  const later = writersOf(migration, app).find((writer) => writer.tier !== app.tier && !cycle.includes(writer))
  if (later)
    throw new PlanError(
      'flow-against-tiers',
      `${app.name} (tier ${app.tier}) reads what ${later.name} (tier ${later.tier}) writes, so it cannot be dry while ${later.name} runs. ` +
        `Give ${app.name} the tier ${later.tier} or a later one in migration.yaml.`,
    )
}
