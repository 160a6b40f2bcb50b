import type { Migration, Side } from '../config/migration.js'
import type { Effect } from '../runbook/language.js'
import type { Entry, Event, GateLook } from './events.js'
import type { Run } from './state.js'

/** How long producers were down, by the log: from the change that stopped them to the look that found them ready again. */
export interface Downtime {
  /** The last producer was stopped: from then on nobody produced. */
  readonly stoppedAt: number
  readonly startedAt: number | null
  readonly readyAt: number | null
  readonly ms: number | null
  readonly apps: readonly {
    readonly app: string
    readonly from: Side
    readonly to: Side | null
    readonly stoppedAt: number
    readonly startedAt: number | null
  }[]
}

/** Null: no producer was stopped. */
export function downtimeOf(entries: readonly Entry[], migration: Migration): Downtime | null {
  const upstream = new Set(migration.apps.filter((app) => app.tier === 'upstream').map((app) => app.name))
  const planned = new Map<string, Effect>()
  const apps = new Map<string, Downtime['apps'][number]>()
  let readyAt: number | null = null
  for (const { event, at } of entries) {
    if (event.type === 'effect-planned') planned.set(event.effect.id, event.effect)
    if (event.type === 'effect-done') {
      const change = changeOf(planned.get(event.effect))
      if (!change || !upstream.has(change.app)) continue
      const { app, side, replicas } = change
      if (replicas === 0) apps.set(app, { app, from: side, to: null, stoppedAt: at, startedAt: null })
      const down = apps.get(app)
      if (replicas > 0 && down && down.startedAt === null) apps.set(app, { ...down, to: side, startedAt: at })
    }
    const started = [...apps.values()].some((app) => app.startedAt !== null)
    if (started && looksOf(event).some(isReady)) readyAt ??= at
  }
  if (apps.size === 0) return null
  const all = [...apps.values()]
  const stoppedAt = Math.max(...all.map((app) => app.stoppedAt))
  const starts = all.flatMap((app) => (app.startedAt === null ? [] : [app.startedAt]))
  const startedAt = starts.length ? Math.min(...starts) : null
  return { stoppedAt, startedAt, readyAt, ms: readyAt === null ? null : readyAt - stoppedAt, apps: all }
}

/** The same from the folded run, for the next one to expect: until the step that started producers was proved. */
export function producersDownMs(run: Run): number | null {
  const upstream = new Set(run.migration.apps.filter((app) => app.tier === 'upstream').map((app) => app.name))
  const changes = run.steps.flatMap((step) =>
    step.effects.flatMap(({ effect, status }) => {
      const change = changeOf(effect)
      return change && upstream.has(change.app) && status.is === 'done' ? [{ step, at: status.at, ...change }] : []
    }),
  )
  const stops = changes.filter(({ replicas }) => replicas === 0).map(({ at }) => at)
  const stoppedAt = Math.max(...stops)
  const backAt = changes.flatMap(({ replicas, step }) =>
    replicas > 0 && step.passedAt !== null && step.passedAt > stoppedAt ? [step.passedAt] : [],
  )
  return stops.length && backAt.length ? Math.min(...backAt) - stoppedAt : null
}

/** Producers that this run has stopped and not started again: how many of how many, and since when the last; null: none. */
export function producersDown(run: Run): { readonly since: number; readonly apps: number; readonly of: number } | null {
  const upstream = new Set(run.migration.apps.filter((app) => app.tier === 'upstream').map((app) => app.name))
  const down = new Map<string, number>()
  const done = run.steps
    .flatMap((step) => step.effects)
    .flatMap(({ effect, status }) => (status.is === 'done' ? [{ at: status.at, change: changeOf(effect) }] : []))
    .sort((a, b) => a.at - b.at)
  for (const { at, change } of done) {
    if (!change || !upstream.has(change.app)) continue
    if (change.replicas === 0) down.set(change.app, at)
    else down.delete(change.app)
  }
  return down.size ? { since: Math.max(...down.values()), apps: down.size, of: upstream.size } : null
}

function changeOf(effect: Effect | undefined): { app: string; side: Side; replicas: number } | null {
  const on = effect?.on as { app?: string; side?: Side } | null | undefined
  const after = effect?.after as { replicas?: number } | null | undefined
  return on?.app && on.side && after?.replicas !== undefined
    ? { app: on.app, side: on.side, replicas: after.replicas }
    : null
}

const looksOf = (event: Event): readonly GateLook[] =>
  event.type === 'check-changed' || event.type === 'step-passed' ? event.gates : []

const isReady = (look: GateLook) => look.gate.startsWith('apps-ready') && look.verdict === 'passed'
