import type { z } from 'zod'
import type { Migration } from '../config/migration.js'
import type { Json } from '../runbook/json.js'
import type { FactName, Measured } from '../runbook/language.js'
import type { AppAnswer } from '../runbook/owners.js'

/**
 * One check. It measures once and returns; whatever it must remember until its next look it puts into `evidence`,
 * which comes back as `look.last`. It never throws for a verdict; what it throws becomes the verdict `error`.
 */
export interface Gate<Deps, Args = unknown> {
  readonly name: string
  /** One line for help and docs: what it proves. */
  readonly proves: string
  readonly args: z.ZodType<Args>
  /** Facts that it records when it passes. */
  readonly gives?: readonly FactName[]
  /** Facts that something earlier in the same runbook must give. */
  readonly needs?: readonly FactName[]
  measure(deps: Deps, args: Args, look: Look): Promise<Measured>
}

/** What one look may know besides the clusters. */
export interface Look {
  /** Epoch milliseconds by the log's clock. */
  readonly now: number
  /** When this phase of this step began. */
  readonly since: number
  /** The evidence of this gate's last look in this phase. */
  readonly last: Json | undefined
  readonly migration: Migration
  /** The newest fact of that name in the whole migration. */
  fact(name: FactName): Promise<Json | undefined>
  /** Open alerts. */
  readonly alerts: readonly {
    readonly cause: string
    readonly severity: 'warning' | 'critical'
    readonly text: string
  }[]
  /** What people answered in this step. */
  readonly answers: readonly AppAnswer[]
}

/** Lets each file keep its own deps and args while the registry holds them all. */
export function gate<Deps, Args>(definition: Gate<Deps, Args>): Gate<Deps, Args> {
  return definition
}
