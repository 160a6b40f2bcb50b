import type { Side } from '../config/migration.js'
import type { Effect } from '../runbook/language.js'
import type { Run, StepRun } from './state.js'

/** How long producers were down, by the log: from the change that stopped the last of them until the step that started them was proved. */
export interface Downtime {
  /** The last producer was stopped: from then on nobody produced. */
  readonly stoppedAt: number
  readonly startedAt: number | null
  /** Null: not yet, or some of them are still down. */
  readonly provedAt: number | null
  readonly ms: number | null
  readonly apps: readonly {
    readonly app: string
    readonly from: Side
    readonly to: Side | null
    readonly stoppedAt: number
    readonly startedAt: number | null
  }[]
}

/** What the channel, the report and the next run's forecast say alike. Null: the run has stopped no producer. */
export function downtimeOf(run: Run): Downtime | null {
  const apps = new Map<string, Downtime['apps'][number]>()
  const proofs: number[] = []
  for (const { at, step, app, side, replicas } of producersMoved(run)) {
    const down = apps.get(app)
    if (replicas === 0) apps.set(app, { app, from: side, to: null, stoppedAt: at, startedAt: null })
    else if (down && down.startedAt === null) apps.set(app, { ...down, to: side, startedAt: at })
    if (replicas > 0 && step.passedAt !== null) proofs.push(step.passedAt)
  }
  if (apps.size === 0) return null
  const all = [...apps.values()]
  const stoppedAt = Math.max(...all.map((app) => app.stoppedAt))
  const starts = all.flatMap((app) => (app.startedAt === null ? [] : [app.startedAt]))
  const proved = producersDown(run) ? [] : proofs.filter((at) => at > stoppedAt)
  const provedAt = proved.length ? Math.min(...proved) : null
  return {
    stoppedAt,
    startedAt: starts.length ? Math.min(...starts) : null,
    provedAt,
    ms: provedAt === null ? null : provedAt - stoppedAt,
    apps: all,
  }
}

/** Producers that this run has stopped and not started again: how many of how many, and since when the last; null: none. */
export function producersDown(run: Run): { readonly since: number; readonly apps: number; readonly of: number } | null {
  const down = new Map<string, number>()
  for (const { at, app, replicas } of producersMoved(run)) {
    if (replicas === 0) down.set(app, at)
    else down.delete(app)
  }
  const of = run.migration.apps.filter((app) => app.tier === 'upstream').length
  return down.size ? { since: Math.max(...down.values()), apps: down.size, of } : null
}

interface Moved {
  readonly at: number
  readonly step: StepRun
  readonly app: string
  readonly side: Side
  readonly replicas: number
}

/** What was done to the replicas of producers, in the order in which it was done. */
function producersMoved(run: Run): readonly Moved[] {
  const upstream = new Set(run.migration.apps.filter((app) => app.tier === 'upstream').map((app) => app.name))
  return run.steps
    .flatMap((step) =>
      step.effects.flatMap(({ effect, status }) => {
        const change = changeOf(effect)
        return change && upstream.has(change.app) && status.is === 'done' ? [{ at: status.at, step, ...change }] : []
      }),
    )
    .sort((a, b) => a.at - b.at)
}

function changeOf(effect: Effect): { app: string; side: Side; replicas: number } | null {
  const on = effect.on as { app?: string; side?: Side } | null | undefined
  const after = effect.after as { replicas?: number } | null | undefined
  return on?.app && on.side && after?.replicas !== undefined
    ? { app: on.app, side: on.side, replicas: after.replicas }
    : null
}
