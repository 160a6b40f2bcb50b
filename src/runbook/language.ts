import type { Json } from './json.js'

/** One gate as a runbook calls it; `forMs`, `withinMs` and `warn` belong to the engine, `args` to the gate. */
export interface GateCall {
  readonly gate: string
  /** As written in the runbook. */
  readonly args: Json
  /** It must have passed without a break for this long. */
  readonly forMs: number
  /** In `check`: how long it may take to pass. 0: it is judged on the first look at which every patient gate passes. */
  readonly withinMs: number
  /** It is shown and recorded, and never stops anything. */
  readonly warn: boolean
}

export interface ActionCall {
  readonly action: string
  readonly args: Json
  /** What must hold once its effects are undone, by its own word; missing where nothing can be said, and in logs from before it was asked. */
  readonly undone?: readonly GateCall[]
}

export interface Step {
  readonly id: string
  readonly title: string
  readonly think: readonly GateCall[]
  readonly do: readonly ActionCall[]
  readonly check: readonly GateCall[]
  /** A policy of migration.yaml. */
  readonly approve: string
  readonly attempts: number
  /** A role that may skip it, with a reason; null: nobody may. */
  readonly skip: string | null
  /** `none` marks the pivot: from here on the way back is the runbook named in `rollback`. */
  readonly undo: 'inverse' | 'none'
}

/** A runbook as loaded: complete, every name resolved against the registries. */
export interface Runbook {
  readonly name: string
  readonly title: string
  readonly hold: readonly GateCall[]
  readonly rollback: string | null
  readonly steps: readonly Step[]
  readonly digest: string
}

export type Verdict = 'passed' | 'failed' | 'inconclusive' | 'error'

/** What one look of a gate found: the verdict, a sentence for people, and what it rests on. */
export interface Measured {
  readonly verdict: Verdict
  /** A full sentence with figures and names; never a secret. */
  readonly text: string
  /** One of the gate's own union of reasons, for tests and reports. */
  readonly reason?: string
  /** Waiting longer would not change it: in `check` the step fails at once, whatever `within` allows. */
  readonly final?: true
  /** What it rests on, per partition or app; kept whole by digest, shown as the ten worst. The next look gets it back. */
  readonly evidence?: Json
  /** Facts that later gates and actions need; they are recorded when the gate's phase ends with it passed. */
  readonly facts?: Facts
}

/** Remembered for the migration: the waterline, replica counts, valve offsets … ; the newest of a name counts. */
export type Facts = { readonly [name in FactName]?: Json }
export const factNames = [
  'baseline',
  'waterline',
  'certificate',
  'counts',
  'valve-offsets',
  'mirror-positions',
  'orphans',
  'copy',
  'capacity',
  'valve-word',
  'audit',
] as const
export type FactName = (typeof factNames)[number]

/** One change to one target, with before and after: what a plan is made of and what undo inverts. */
export interface Effect {
  /** Unique within the plan and the same in every plan of the same step: `apps-stop source/checkout`. */
  readonly id: string
  readonly action: string
  /** `source/Deployment/checkout`, `target/group/billing`: what is changed, as people name it. */
  readonly target: string
  readonly before: Json
  readonly after: Json
  /** What `perform` must know besides, e.g. side and name; not inverted by undo. */
  readonly on: Json
  /** Must hold before it; flow order is made of these. */
  readonly gate?: GateCall
  /** `scale checkout from 2 to 0` */
  readonly text: string
}

export interface Plan {
  readonly effects: readonly Effect[]
  /** Recorded together with the plan, before the first effect. */
  readonly facts?: Facts
}
