import type { Flow, Migration, Side } from '../config/migration.js'
import type { Json } from '../runbook/json.js'
import type { Effect, FactName, Runbook, Verdict } from '../runbook/language.js'
import type { Adoption } from './adoption.js'
import type { WaiverWay } from './waivers.js'

/** One line of the migration's log. `hash` is SHA-256 over everything else in it, `prev` the line before: the log is a chain. */
export interface Entry {
  readonly v: 1
  /** 1 for the first event of the migration. */
  readonly version: number
  /** Epoch milliseconds by Redis's clock. */
  readonly at: number
  readonly by: Author
  readonly event: Event
  readonly prev: string
  readonly hash: string
}

/** A person by the name that `people:` of migration.yaml or Slack gives; `id` is the Slack id, or the cluster's user name. */
export interface Person {
  readonly kind: 'person'
  readonly id: string
  readonly name: string
  readonly via: 'slack' | 'cli'
}
export type Author = Person | { readonly kind: 'engine'; readonly replica: string } | { readonly kind: 'monitor' }

/** What one look at one gate found, as the log and the messages keep it; `evidence` is a digest into the evidence store. */
export interface GateLook {
  /** `drained source`: the gate with its arguments, as people read it. */
  readonly gate: string
  readonly verdict: Verdict
  readonly text: string
  readonly warn: boolean
  readonly evidence?: string
}

/** Which attempt of which step of which run an event speaks of. */
export interface At {
  readonly run: string
  readonly step: string
  readonly attempt: number
}

export type Event =
  | RunStarted
  | { type: 'run-aborted'; run: string; reason: string; onTheWire: readonly string[] }
  | { type: 'run-resumed'; run: string }
  | { type: 'run-closed'; run: string; reason: string }
  | { type: 'run-finished'; run: string }
  | { type: 'run-held'; run: string; gates: readonly GateLook[] }
  | { type: 'run-released'; run: string }
  | { type: 'rollback-begun'; run: string; reason: string; undo: readonly string[] }
  | ({ type: 'adopted'; run: string } & Adoption)
  | { type: 'app-waived'; run: string; app: string; how: WaiverWay; reason: string }
  | ({ type: 'step-thinking' } & At)
  | ({ type: 'think-changed'; gates: readonly GateLook[] } & At)
  | ({
      type: 'step-planned'
      nonce: string
      digest: string
      effects: number
      until: number
      gates: readonly GateLook[]
    } & At)
  | ({ type: 'effect-planned'; order: number; effect: Effect } & At)
  /** `enough`: with it the policy is satisfied, and the gates are measured once more before anything is done. */
  | ({ type: 'approved'; nonce: string; digest: string; enough: boolean } & At)
  | ({ type: 'approvals-fell'; why: string } & At)
  /** Nobody approved in time: people of this role are called. */
  | ({ type: 'escalated'; nonce: string; role: string } & At)
  | ({ type: 'step-acting'; gates: readonly GateLook[] } & At)
  | ({ type: 'effects-claimed'; effects: readonly string[]; until: number } & At)
  | ({ type: 'effect-done'; effect: string; text: string } & At)
  /** As much as one call has time for; the rest of it is done by the next. */
  | ({ type: 'effect-continued'; effect: string; text: string } & At)
  | ({ type: 'effect-failed'; effect: string; text: string } & At)
  | ({ type: 'step-checking' } & At)
  | ({ type: 'check-changed'; gates: readonly GateLook[] } & At)
  /** `apps`: those that the person answers for, where each app's owner is asked. */
  | ({ type: 'answered'; question: string; yes: boolean; apps?: readonly string[]; reason?: string } & At)
  | ({ type: 'step-passed'; gates: readonly GateLook[] } & At)
  | ({ type: 'step-failed'; why: string; gates: readonly GateLook[] } & At)
  | ({ type: 'step-skipped'; reason: string } & At)
  | ({ type: 'fact-recorded'; name: FactName; digest: string } & At)
  /** `topic` null: all of them. */
  | { type: 'audit-begun'; audit: string; topic: string | null }
  /** `digest`: of the fact `audit` with what it has found. */
  | { type: 'audit-ended'; audit: string; text: string; digest: string }
  | { type: 'alert-raised'; alert: AlertFacts }
  | { type: 'alert-updated'; alert: AlertFacts }
  | { type: 'alert-closed'; cause: string; text: string }
  | { type: 'alert-acknowledged'; cause: string }
  | { type: 'alert-snoozed'; cause: string; until: number }

export interface RunStarted {
  readonly type: 'run-started'
  readonly run: string
  readonly mode: 'real' | 'rehearsal'
  /** Pinned: a run never reads files again. */
  readonly runbook: Runbook
  readonly migration: Migration
  readonly bot: string
  /** Armed: nothing happens before this moment. */
  readonly notBefore: number | null
  /** When the window of the night ends. */
  readonly until?: number | null
  /** Left out: everything but the canary. `migration` is narrowed to it. */
  readonly flow?: Flow
}

/** What an alert says; `cause` is its identity: the same cause is the same alert. */
export interface AlertFacts {
  readonly cause: string
  readonly severity: 'warning' | 'critical'
  readonly title: string
  readonly text: string
  readonly side: Side
  /** What a graph of it would show, if anything. */
  readonly group?: string
  readonly evidence?: Json
}
