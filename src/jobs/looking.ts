import type { Look } from '../gates/gate.js'
import type { FactDigests } from '../run/commands.js'
import type { GateLook } from '../run/events.js'
import type { Live } from '../run/live.js'
import type { Run, State, StepRun } from '../run/state.js'
import { seenByGates } from '../run/waivers.js'
import { digest, type Json } from '../runbook/json.js'
import type { FactName, GateCall } from '../runbook/language.js'
import { emptyMemory, type LookDeps, type Looked, lookAt, type Memory } from './look.js'

export interface LookingDeps<GateDeps> extends LookDeps<GateDeps> {
  readonly evidence: {
    put(digest: string, content: string): Promise<void>
    get(digest: string): Promise<string | null>
  }
  /** What looks remember; may be lost, and then only takes longer. */
  readonly memory: {
    get(name: string): Promise<Memory | undefined>
    set(name: string, memory: Memory): Promise<void>
  }
  readonly live: { set(name: string, live: Live): Promise<void> }
}

export type Phase = Live['phase']

/** Looks of a run's steps: each builds on the one before it, wherever that was made. */
export function createLooking<GateDeps>(deps: LookingDeps<GateDeps>) {
  /** `part` tells looks of one phase apart, such as those of single effects. */
  async function look(
    state: State,
    run: Run,
    step: StepRun,
    phase: Phase,
    calls: readonly GateCall[],
    now: number,
    part = '',
  ): Promise<Looked> {
    const since = 'since' in step.phase ? step.phase.since : now
    // While nobody has asked or acted yet, looks go on from each other even when approvals fall.
    const name = [run.id, step.id, step.attempt, phase, phase === 'think' ? '' : since, part].join('/')
    const before = (await deps.memory.get(name)) ?? emptyMemory
    const answers = step.answers.map((answer) => ({ ...answer, person: answer.by.name }))
    const looked = await lookAt(deps, calls, before, { ...contextOf(state, run, now), since, answers })
    const live = { at: now, run: run.id, step: step.id, attempt: step.attempt, phase, gates: looked.looks }
    await Promise.all([
      deps.memory.set(name, looked.memory),
      deps.live.set([run.id, step.id, ...(part ? [part] : [])].join('/'), live),
    ])
    return looked
  }

  /** The gates that must be true during the whole run; null: it is too soon to look again. */
  async function lookAtHold(state: State, run: Run, now: number, everyMs: number): Promise<Looked | null> {
    const name = `${run.id}/hold`
    const before = await deps.memory.get(name)
    if (before && now - before.at < everyMs) return null
    const looked = await lookAt(deps, run.runbook.hold, before ?? emptyMemory, {
      ...contextOf(state, run, now),
      since: run.startedAt,
    })
    await deps.memory.set(name, looked.memory)
    return looked
  }

  function contextOf(state: State, run: Run, now: number): Omit<Look, 'last' | 'since'> {
    const alerts = state.alerts.filter((alert) => !alert.closed)
    return { now, migration: seenByGates(run), fact: factOf(state), alerts, answers: [] }
  }

  function factOf(state: State) {
    return async (name: FactName): Promise<Json | undefined> => {
      const ref = state.facts[name]
      const text = ref && (await deps.evidence.get(ref.digest))
      return text ? (JSON.parse(text) as Json) : undefined
    }
  }

  async function put(content: Json): Promise<string> {
    const key = digest(content)
    await deps.evidence.put(key, JSON.stringify(content))
    return key
  }

  /** Content first, then the event that names it. */
  async function keepFacts(facts: { readonly [name in FactName]?: Json }): Promise<FactDigests> {
    return Promise.all(
      Object.entries(facts).map(async ([name, content]) => ({ name: name as FactName, digest: await put(content) })),
    )
  }

  /** The looks with their evidence kept whole: for those that somebody decides on, or that end a step. */
  async function keepLooks({ looks, evidence }: Looked): Promise<readonly GateLook[]> {
    return Promise.all(
      looks.map(async (one, i) => {
        const content = evidence[i]
        return content === undefined ? one : { ...one, evidence: await put(content) }
      }),
    )
  }

  return { look, lookAtHold, factOf, keepFacts, keepLooks }
}
