import type { z } from 'zod'
import type { Migration } from '../config/migration.js'
import type { Json } from '../runbook/json.js'
import type { Effect, FactName, Facts, Plan } from '../runbook/language.js'
import type { UndoneGate } from '../runbook/load.js'

/** One verb. `plan` changes nothing; `perform` does one effect in under 4 s, and doing it twice is doing it once. */
export interface Action<Deps, Args = unknown> {
  readonly name: string
  readonly does: string
  readonly args: z.ZodType<Args>
  readonly gives?: readonly FactName[]
  readonly needs?: readonly FactName[]
  /** What must hold once its effects are undone; nothing where undoing it leaves nothing to look at. */
  undone?(args: Args): readonly UndoneGate[]
  /** Only what is not yet as it should be: an action that finds its work done plans nothing. */
  plan(deps: Deps, args: Args, context: PlanContext): Promise<Plan>
  /** Drives the target to `effect.after`; undo hands in the same effect with before and after swapped. */
  perform(deps: Deps, effect: Effect, context: PerformContext): Promise<Performed>
}

export interface PlanContext {
  readonly now: number
  readonly migration: Migration
  fact(name: FactName): Promise<Json | undefined>
}

export interface PerformContext extends PlanContext {
  /**
   * Reads the log once more; throws when the effect is no longer this worker's: aborted, or its claim has run out. Asked right before a
   * change, and after the read that the change is made on.
   */
  stillMine(): Promise<void>
}

export interface Performed {
  /** `scaled from 2 to 0`, or `was already at 0` */
  readonly text: string
  readonly facts?: Facts
  /** It is more than one call has time for: this much is done, and it is called again. */
  readonly more?: true
  /** What an earlier log said, in its own terms, to go on from as a whole. */
  readonly adopts?: Json
}

export function action<Deps, Args>(definition: Action<Deps, Args>): Action<Deps, Args> {
  return definition
}
