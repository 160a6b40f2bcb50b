import type { Flow, Migration, Side } from '../config/migration.js'
import type { Effect, FactName, Runbook, Step } from '../runbook/language.js'
import type { Head } from './adoption.js'
import type { AlertFacts, GateLook, Person } from './events.js'
import type { StepTiming } from './prediction.js'
import type { WaiverWay } from './waivers.js'

/** Everything that the log says, folded by `apply`. */
export interface State {
  /** Version and hash of the newest event; 0 and '' for an empty log. */
  readonly version: number
  readonly head: string
  /** The newest run, open or ended. */
  readonly run: Run | null
  /** The run before it, whole: its last words may still have to be said. */
  readonly previous: Run | null
  /** Runs that ended before it, oldest first. */
  readonly past: readonly RunSummary[]
  readonly alerts: readonly Alert[]
  readonly facts: { readonly [name in FactName]?: FactRef }
  /** Where the producers run. */
  readonly activeSide: Side
  /** The run that brought them there; null: none did, or nothing tells which. */
  readonly activeBy: string | null
  /** The audit that is under way; there is one at a time. */
  readonly audit: Audit | null
  /** The flow of the newest run: `facts` and `activeSide` are its own. */
  readonly flow: Flow
  /** Those of the other. */
  readonly aside: { readonly [flow in Flow]?: Pick<State, 'facts' | 'activeSide' | 'activeBy'> }
  /** The heads of logs that were lost and that this one took over from. */
  readonly adopted: readonly Head[]
}

export interface FactRef {
  readonly digest: string
  readonly run: string
  readonly step: string
  readonly at: number
}

export interface Audit {
  readonly id: string
  /** Null: all of them. */
  readonly topic: string | null
  readonly by: Person
  readonly at: number
}

export interface RunSummary {
  readonly id: string
  readonly title: string
  readonly phase: RunPhase['is']
  readonly requestedBy: Person
  readonly startedAt: number
  readonly endedAt: number
  readonly flow: Flow
  /** The runbook's name. */
  readonly runbook: string
  /** Whether it began to change anything on the clusters. */
  readonly changed: boolean
  readonly timings: readonly StepTiming[]
  /** From the last producer's stop until the step that started them was proved; null where that did not happen. */
  readonly producersDownMs: number | null
}

export interface Run {
  readonly id: string
  readonly mode: 'real' | 'rehearsal'
  readonly flow: Flow
  readonly runbook: Runbook
  readonly migration: Migration
  readonly bot: string
  readonly requestedBy: Person
  readonly startedAt: number
  readonly notBefore: number | null
  /** When the window of the night ends; null: nobody said. */
  readonly until: number | null
  readonly phase: RunPhase
  /** What the log said of its flow when it ended: its record is told from this, and no later run moves it. Null while it is open. */
  readonly end: RunEnd | null
  /** What was decided for single apps. */
  readonly waivers: readonly Waiver[]
  /** A `hold` gate broke: nothing further is done until a person resumes. */
  readonly held: { readonly at: number; readonly gates: readonly GateLook[] } | null
  /** The runbook's steps, then, when it is undone, one step for each that is undone. */
  readonly steps: readonly StepRun[]
}

export type RunEnd = Pick<State, 'version' | 'head' | 'facts' | 'activeSide'>

export type RunPhase =
  | { readonly is: 'open' }
  | {
      readonly is: 'stopped'
      readonly at: number
      readonly by: Person
      readonly reason: string
      readonly onTheWire: readonly string[]
    }
  | { readonly is: 'finished'; readonly at: number }
  | {
      readonly is: 'closed'
      readonly at: number
      readonly by: Person
      readonly reason: string
      /** How it was stopped before it was closed, if it was. */
      readonly stopped?: { readonly at: number; readonly by: Person; readonly reason: string }
    }

export interface StepRun {
  /** `stop-mirror`, or `undo-stop-mirror`. */
  readonly id: string
  readonly step: Step
  readonly undoOf: string | null
  readonly attempt: number
  readonly phase: StepPhase
  readonly startedAt: number | null
  /** When it began to act last, and when it passed, even if it was undone since. */
  readonly actedAt: number | null
  readonly passedAt: number | null
  /** The newest looks, as far as their verdicts changed. */
  readonly think: readonly GateLook[]
  readonly check: readonly GateLook[]
  /** Of all attempts: what was done stays known, and undo inverts it. */
  readonly effects: readonly EffectRun[]
  readonly approvals: readonly Approval[]
  readonly answers: readonly {
    readonly question: string
    readonly yes: boolean
    readonly by: Person
    readonly at: number
    /** Of which apps it speaks, where each app's owner is asked; each app stands in its newest answer alone. */
    readonly apps?: readonly string[]
    readonly reason?: string
  }[]
  /** Others were called, since nobody approved what is asked now. */
  readonly escalated: { readonly role: string; readonly at: number } | null
  /** Those who had approved when the approvals fell last. */
  readonly fallen: readonly Approval[]
  /** How often in this attempt people were asked again after their approvals had fallen. */
  readonly askedAgain: number
  /** Digests of all that it has asked so far. */
  readonly asked: readonly string[]
  /** Why the last approvals fell, if they did. */
  readonly fell: string | null
}

export type StepPhase =
  | { readonly is: 'waiting' }
  | { readonly is: 'thinking'; readonly since: number }
  | Asking
  | (Omit<Asking, 'is'> & { readonly is: 'confirming' })
  | { readonly is: 'acting'; readonly since: number }
  | { readonly is: 'checking'; readonly since: number }
  | { readonly is: 'passed'; readonly at: number; readonly asked: boolean }
  | { readonly is: 'failed'; readonly at: number; readonly why: string }
  | { readonly is: 'skipped'; readonly at: number; readonly by: Person; readonly reason: string }
  | { readonly is: 'undone'; readonly at: number }

export interface Asking {
  readonly is: 'asking'
  readonly since: number
  /** What a click must carry, besides step and attempt. */
  readonly nonce: string
  readonly digest: string
  readonly until: number
}

export interface EffectRun {
  readonly effect: Effect
  readonly attempt: number
  /** Effects of a lower order are done before those of a higher one begin. */
  readonly order: number
  readonly failures: number
  /** Claimed in this attempt or an earlier one, so perhaps done: undo inverts it, and a pivot with it is behind. */
  readonly begun: boolean
  readonly status:
    | { readonly is: 'planned' }
    | { readonly is: 'claimed'; readonly until: number; readonly replica: string }
    | { readonly is: 'done'; readonly at: number; readonly text: string }
    | { readonly is: 'failed'; readonly at: number; readonly text: string }
}

export interface Waiver {
  readonly app: string
  readonly how: WaiverWay
  readonly reason: string
  readonly by: Person
  readonly at: number
}

export interface Approval {
  readonly by: Person
  readonly at: number
}

export interface Alert extends AlertFacts {
  readonly id: string
  readonly raisedAt: number
  readonly updatedAt: number
  readonly acknowledged: Person | null
  readonly snoozedUntil: number
  readonly closed: { readonly at: number; readonly text: string } | null
}

/** A step to which nothing has happened yet. */
export function waiting(step: Step, undoOf: string | null = null): StepRun {
  return {
    id: step.id,
    step,
    undoOf,
    attempt: 1,
    phase: { is: 'waiting' },
    startedAt: null,
    actedAt: null,
    passedAt: null,
    think: [],
    check: [],
    effects: [],
    approvals: [],
    answers: [],
    escalated: null,
    fallen: [],
    askedAgain: 0,
    asked: [],
    fell: null,
  }
}

export const emptyState: State = {
  version: 0,
  head: '',
  run: null,
  previous: null,
  past: [],
  alerts: [],
  facts: {},
  activeSide: 'source',
  activeBy: null,
  audit: null,
  flow: 'main',
  aside: {},
  adopted: [],
}

/** The same with the facts and the active side of that flow in front. */
export function inFlow(state: State, flow: Flow): State {
  if (state.flow === flow) return state
  const { facts, activeSide, activeBy } = state
  return {
    ...state,
    ...(state.aside[flow] ?? { facts: {}, activeSide: 'source', activeBy: null }),
    flow,
    aside: { ...state.aside, [state.flow]: { facts, activeSide, activeBy } },
  }
}

export const isOpen = (run: Run | null): run is Run =>
  run !== null && (run.phase.is === 'open' || run.phase.is === 'stopped')

/** The state as a message of that run tells it: while it is open as it is now, afterwards as it was at its end. */
export const asItEnded = (state: State, { end }: Run): State => (end ? { ...state, ...end } : state)

/** Armed runs and those of the last second have not; then nothing needs to be stopped to end them. */
export const hasBegun = (run: Run): boolean => run.steps.some((step) => step.phase.is !== 'waiting')

/** Undone step by step until its end: nothing of it is left. */
export const isRolledBack = ({ phase, steps }: Run): boolean =>
  phase.is === 'finished' && steps.some((step) => step.undoOf)

/** Of the question that the step asks now, if it asks one. */
export const nonceOf = ({ phase }: StepRun): string | null =>
  phase.is === 'asking' || phase.is === 'confirming' ? phase.nonce : null

/** What this attempt of the step is to do; what earlier attempts began besides is only kept for undo. */
export const inHand = (step: StepRun): readonly EffectRun[] =>
  step.effects.filter((effect) => effect.attempt === step.attempt)

/** The first step that is not over; once a run is being undone, only its undo steps count. */
export const currentStep = (run: Run): StepRun | undefined => {
  const undoing = run.steps.some((step) => step.undoOf)
  return run.steps.find((step) => (!undoing || step.undoOf) && !['passed', 'skipped', 'undone'].includes(step.phase.is))
}

/** From the pivot on, what was done can no longer be inverted: the way back is the rollback runbook. */
export const pastPivot = (run: Run): boolean =>
  run.steps.some((step) => step.step.undo === 'none' && !step.undoOf && step.effects.some((effect) => effect.begun))

/** One for the first step of the runbook; an undo has the number of what it undoes. */
export function numberOf(run: Run, step: StepRun): number {
  const id = step.undoOf ?? step.id
  const place = run.runbook.steps.findIndex((one) => one.id === id)
  return place >= 0 ? place + 1 : run.steps.indexOf(step) + 1
}
