import type { Log } from '../log/submit.js'
import { readAdoption } from '../run/adoption.js'
import type { EngineCommand, PlannedEffect } from '../run/commands.js'
import { type Due, due } from '../run/due.js'
import type { At, GateLook } from '../run/events.js'
import { currentStep, type EffectRun, nonceOf, type State } from '../run/state.js'
import { undoPlan } from '../run/undo.js'
import { touchedByActions, waitsForGate } from '../run/waivers.js'
import type { FactName } from '../runbook/language.js'
import { type ActDeps, claimMs, performEffect, planStep } from './act.js'
import type { Looked } from './look.js'
import { createLooking, type LookingDeps } from './looking.js'

export interface AdvanceDeps<GateDeps, ActionDeps> extends LookingDeps<GateDeps>, ActDeps<ActionDeps> {
  readonly log: Log
  readonly replica: string
  /** Roles of these people (Slack ids or cluster users) read afresh, not from a cache. */
  readonly rolesNow: (people: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>
  readonly nonce: () => string
}

/** How soon to look again: while producers are down, what waits is looked at often. */
const againMs = { think: 500, asking: 3000, check: 250, effect: 250, hold: 2000 }
/** How long the gate of an effect may keep it waiting, where it does not say. */
const effectWithinMs = 1_800_000

type Work = Extract<Due, { readonly step: unknown }>

/**
 * One round of the engine: load, ask what is due, do that, submit the outcome. Returns after how many milliseconds it
 * wants to come back, 0 for at once, null when only a person or a timer can go on.
 */
export function createAdvance<GateDeps, ActionDeps>(
  deps: AdvanceDeps<GateDeps, ActionDeps>,
): () => Promise<number | null> {
  const by = { kind: 'engine', replica: deps.replica } as const
  const looking = createLooking(deps)

  return async () => {
    const { state, now } = await deps.log.load()
    const [again] = await Promise.all([turn(state, now), hold(state, now)])
    return again
  }

  async function turn(state: State, now: number): Promise<number | null> {
    const work = due(state, now)
    switch (work.is) {
      case 'nothing':
        return work.at === null ? null : Math.max(0, work.at - now)
      case 'begin':
        return submit({ by, asOf: now, do: 'think', ...at(work) })
      case 'think':
        return think(state, work, now)
      case 'confirm':
        return confirm(state, work, now)
      case 'expire':
        return submit({
          by,
          asOf: now,
          do: 'fall',
          ...at(work),
          nonce: nonceOf(work.step)!,
          why: 'Nobody approved in time; it is asked again.',
        })
      case 'escalate':
        return submit({ by, asOf: now, do: 'escalate', ...at(work), nonce: nonceOf(work.step)! })
      case 'act':
        return act(state, work, work.effects, now)
      case 'check':
        return check(state, work, now)
    }
  }

  async function think(state: State, work: Work, now: number): Promise<number | null> {
    const looked = await lookBefore(state, work, now)
    const asking = work.step.phase.is === 'asking'
    const wait = (gates: readonly GateLook[]) =>
      submit(
        {
          by,
          asOf: now,
          do: 'looked',
          ...at(work),
          phase: 'think',
          nonce: nonceOf(work.step),
          gates,
          outcome: 'wait',
          facts: [],
        },
        asking ? againMs.asking : againMs.think,
      )
    if (looked.outcome !== 'passed') return wait(looked.looks)
    if (asking) return againMs.asking
    const plan = await planned(state, work, looked, now)
    if ('failed' in plan) return wait([...looked.looks, plan.failed])
    const [gates, facts] = await Promise.all([looking.keepLooks(looked), looking.keepFacts(plan.facts)])
    return submit({
      by,
      asOf: now,
      do: 'ask',
      ...at(work),
      nonce: deps.nonce(),
      plan: plan.effects,
      gates: [...gates, ...plan.notes],
      facts,
    })
  }

  async function confirm(state: State, work: Work, now: number): Promise<number | null> {
    const approvers = work.step.approvals.map((approval) => approval.by.id)
    const [looked, roles] = await Promise.all([lookBefore(state, work, now), deps.rolesNow(approvers)])
    const plan = await planned(state, work, looked, now)
    if ('failed' in plan)
      return submit({ by, asOf: now, do: 'fall', ...at(work), nonce: nonceOf(work.step)!, why: plan.failed.text })
    const [gates, facts] = await Promise.all([looking.keepLooks(looked), looking.keepFacts(plan.facts)])
    return submit({
      by,
      asOf: now,
      do: 'confirm',
      ...at(work),
      nonce: nonceOf(work.step)!,
      plan: plan.effects,
      gates: [...gates, ...plan.notes],
      facts,
      roles,
    })
  }

  async function check(state: State, work: Work, now: number): Promise<number | null> {
    const looked = await looking.look(state, work.run, work.step, 'check', work.step.step.check, now)
    const { outcome } = looked
    const over = outcome !== 'wait'
    const gates = over ? await looking.keepLooks(looked) : looked.looks
    const facts = outcome === 'passed' ? await looking.keepFacts(looked.facts) : []
    return submit(
      { by, asOf: now, do: 'looked', ...at(work), phase: 'check', nonce: null, gates, outcome, facts },
      againMs.check,
    )
  }

  /** Effects whose gates hold are claimed in the log, then done side by side; each outcome is submitted as it comes. */
  async function act(state: State, work: Work, effects: readonly EffectRun[], now: number): Promise<number | null> {
    const holds = await Promise.all(effects.map((effect) => gateHolds(state, work, effect, now)))
    const ready = effects.filter((_, i) => holds[i])
    if (!ready.length) return againMs.effect
    const names = ready.map(({ effect }) => effect.id)
    const claim = await deps.log.submit({ by, asOf: now, do: 'claim', ...at(work), effects: names, forMs: claimMs })
    if ('refused' in claim) return againMs.effect
    const context = { now, migration: touchedByActions(work.run), fact: looking.factOf(state) }
    await Promise.all(
      ready.map(async ({ effect }) => {
        if (!(await isMine(work, effect.id))) return
        const stillMine = async () => {
          if (!(await isMine(work, effect.id)))
            throw new Error('it is no longer this replica’s to do; nothing was changed')
        }
        const outcome = await performEffect(deps, effect, { ...context, stillMine })
        const about = { by, asOf: now, ...at(work), effect: effect.id }
        await deps.log.submit(
          'failed' in outcome
            ? { ...about, do: 'not-performed', text: outcome.failed, final: false }
            : outcome.more
              ? {
                  ...about,
                  do: 'partly-performed',
                  text: outcome.text,
                  facts: await looking.keepFacts(outcome.facts ?? {}),
                }
              : {
                  ...about,
                  do: 'performed',
                  text: outcome.text,
                  facts: await looking.keepFacts(outcome.facts ?? {}),
                  ...(outcome.adopts === undefined ? {} : { adopts: readAdoption(outcome.adopts) }),
                },
        )
      }),
    )
    return 0
  }

  /** One more look at the log before each effect: aborted meanwhile, or paused until the claim ran out, means hands off. */
  async function isMine(work: Work, id: string): Promise<boolean> {
    const { state, now } = await deps.log.load()
    const step = state.run?.phase.is === 'open' && state.run.id === work.run.id && currentStep(state.run)
    if (!step || step.id !== work.step.id || step.attempt !== work.step.attempt) return false
    const status = step.effects.find(({ effect }) => effect.id === id)?.status
    return status?.is === 'claimed' && status.replica === deps.replica && now < status.until
  }

  async function gateHolds(state: State, work: Work, { effect }: EffectRun, now: number): Promise<boolean> {
    const { run, step } = work
    const { gate } = effect
    if (!gate || !waitsForGate(run, (effect.on as { app?: string } | null)?.app)) return true
    const looked = await looking.look(state, run, step, 'effects', [gate], now, effect.id)
    const since = step.phase.is === 'acting' ? step.phase.since : now
    const withinMs = gate.withinMs || effectWithinMs
    if (looked.outcome !== 'passed' && now - since > withinMs) {
      const text = `${effect.text}: not within ${withinMs / 1000} s: ${looked.looks[0]?.text ?? ''}`
      await deps.log.submit({ by, asOf: now, do: 'not-performed', ...at(work), effect: effect.id, text, final: true })
    }
    return looked.outcome === 'passed'
  }

  /** The runbook's `hold`: a breach holds the run until a person resumes it. */
  async function hold(state: State, now: number): Promise<void> {
    const { run } = state
    if (run?.phase.is !== 'open' || run.held || !run.runbook.hold.length || run.steps[0]?.phase.is === 'waiting') return
    const looked = await looking.lookAtHold(state, run, now, againMs.hold)
    const gates = looked?.looks.filter((one) => !one.warn && one.verdict === 'failed') ?? []
    if (gates.length) await deps.log.submit({ by, asOf: now, do: 'hold', run: run.id, gates })
  }

  /** In a rehearsal only the first step finds the estate as its gates want it: what the others find is shown, and stops nothing. */
  function lookBefore(state: State, { run, step }: Work, now: number): Promise<Looked> {
    const { think } = step.step
    const shownOnly = run.mode === 'rehearsal' && step !== run.steps[0]
    return looking.look(
      state,
      run,
      step,
      'think',
      shownOnly ? think.map((call) => ({ ...call, warn: true })) : think,
      now,
    )
  }

  async function planned(
    state: State,
    { run, step }: Work,
    looked: Looked,
    now: number,
  ): Promise<Plan | { failed: GateLook }> {
    if (step.undoOf) return { effects: undoPlan(run, step.undoOf), facts: looked.facts, notes: [] }
    const fact = async (name: FactName) => looked.facts[name] ?? (await looking.factOf(state)(name))
    try {
      const { effects, facts } = await planStep(deps, step.step, { now, migration: touchedByActions(run), fact })
      return { effects, facts: { ...looked.facts, ...facts }, notes: [] }
    } catch (error) {
      const text = `This cannot be planned: ${error instanceof Error ? error.message : String(error)}`
      const failed: GateLook = { gate: 'plan', verdict: 'error', text, warn: run.mode === 'rehearsal' }
      return failed.warn ? { effects: [], facts: looked.facts, notes: [failed] } : { failed }
    }
  }

  /** 0 when the log has moved, so that what is due next is done at once. */
  async function submit(command: EngineCommand, elseMs: number = againMs.think): Promise<number> {
    const outcome = await deps.log.submit(command)
    const moved =
      'events' in outcome && outcome.events.some(({ type }) => type !== 'think-changed' && type !== 'check-changed')
    return moved ? 0 : elseMs
  }
}

interface Plan {
  readonly effects: readonly PlannedEffect[]
  readonly facts: Looked['facts']
  readonly notes: readonly GateLook[]
}

const at = ({ run, step }: Work): At => ({ run: run.id, step: step.id, attempt: step.attempt })
