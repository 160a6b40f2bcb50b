import type { Flow, Migration } from '../config/migration.js'
import type { Json } from '../runbook/json.js'
import type { Effect, FactName, Runbook } from '../runbook/language.js'
import type { Adoption } from './adoption.js'
import type { AlertFacts, At, GateLook, Person } from './events.js'
import type { WaiverWay } from './waivers.js'

/** Who speaks, and the roles that the person is in right now, read by the edge that heard the person. */
export interface Asker {
  readonly by: Person
  readonly roles: readonly string[]
}

/** What a person wants. */
export type PersonCommand = Asker &
  (
    | {
        do: 'start'
        runbook: Runbook
        migration: Migration
        bot: string
        mode: 'real' | 'rehearsal'
        notBefore: number | null
        until?: number | null
        /** Of which `migration` is; left out: everything but the canary. */
        flow?: Flow
        /** On a side stands the head of a log that this one does not hold. */
        lost?: boolean
      }
    | ({ do: 'approve'; nonce: string; digest: string } & At)
    | { do: 'abort'; reason: string }
    | { do: 'resume' }
    | { do: 'close'; reason: string }
    | ({ do: 'retry' } & At)
    | ({ do: 'skip'; reason: string } & At)
    /** `app` null: for everything that the person is asked about. */
    | ({ do: 'answer'; question: string; yes: boolean; app: string | null; reason: string } & At)
    /**
     * Undo before the pivot; from it on, `runbook` (the one named in `rollback`) is started. `copy`: it is started wherever the run
     * stands, so long as producers are on the target.
     */
    | { do: 'rollback'; reason: string; runbook: Runbook | null; migration: Migration; bot: string; copy?: true }
    /** One stuck app of many: left out, not waited for, or vouched for by its owner. */
    | { do: 'waive'; app: string; how: WaiverWay; reason: string }
    /** `topic` null: all of them. Nothing is changed by it. */
    | { do: 'audit'; topic: string | null }
    | { do: 'acknowledge'; cause: string }
    | { do: 'snooze'; cause: string; until: number }
  )

/** Facts by digest: their content is in the evidence store before the command is submitted. */
export type FactDigests = readonly { readonly name: FactName; readonly digest: string }[]

/** What the engine saw or did. */
export type EngineCommand = {
  readonly by: { readonly kind: 'engine'; readonly replica: string }
  /** The log's clock when the state was read that this rests on: a replica that was paused may come with what is long over. */
  readonly asOf: number
} & (
  | ({ do: 'think' } & At)
  | ({
      do: 'looked'
      phase: 'think' | 'check'
      /** Of the question that stood while it looked; null where none did. */
      nonce: string | null
      gates: readonly GateLook[]
      outcome: 'wait' | 'passed' | { failed: string }
      facts: FactDigests
    } & At)
  | ({ do: 'ask'; nonce: string; plan: readonly PlannedEffect[]; gates: readonly GateLook[]; facts: FactDigests } & At)
  | ({
      do: 'confirm'
      nonce: string
      plan: readonly PlannedEffect[]
      gates: readonly GateLook[]
      facts: FactDigests
      roles: ReadonlyMap<string, readonly string[]>
    } & At)
  | ({ do: 'fall'; nonce: string; why: string } & At)
  | ({ do: 'escalate'; nonce: string } & At)
  | ({ do: 'claim'; effects: readonly string[]; forMs: number } & At)
  | ({ do: 'performed'; effect: string; text: string; facts: FactDigests; adopts?: Adoption } & At)
  | ({ do: 'partly-performed'; effect: string; text: string; facts: FactDigests } & At)
  | ({ do: 'not-performed'; effect: string; text: string; final: boolean } & At)
  | { do: 'hold'; run: string; gates: readonly GateLook[] }
  /** What an audit has found: a sentence, and the digest of the fact `audit` that holds it. */
  | { do: 'audited'; audit: string; text: string; digest: string }
)

export interface PlannedEffect {
  readonly order: number
  readonly effect: Effect
}

export type MonitorCommand = { readonly by: { readonly kind: 'monitor' }; do: 'alerts'; wanted: readonly AlertFacts[] }

export type Command = PersonCommand | EngineCommand | MonitorCommand

/** What may not be done, as a sentence for the person who tried. */
export interface Refusal {
  readonly refused: string
  readonly code:
    | 'run-open'
    | 'no-run'
    | 'not-asked'
    | 'stale'
    | 'not-in-role'
    | 'requester'
    | 'already'
    | 'not-now'
    | 'reason-missing'
    | 'superseded'
    | 'unsafe-log'
  readonly detail?: Json
}
