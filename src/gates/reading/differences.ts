import { z } from 'zod'
import type { Json } from '../../runbook/json.js'

/** A gate that compares puts what differs into its evidence in this form; `/migrate ready` shows it as a table. */
export const differencesEvidence = z.object({
  differing: z.number(),
  differences: z.array(
    z.object({ what: z.string(), source: z.string(), target: z.string(), stays: z.string().optional() }),
  ),
})

const mostKept = 500

export function differencesJson(found: readonly { what: string; source: string; target: string; stays?: string }[]): {
  differing: number
  differences: Json[]
} {
  return {
    differing: found.length,
    differences: found
      .slice(0, mostKept)
      .map(({ what, source, target, stays }) => ({ what, source, target, ...(stays ? { stays } : {}) })),
  }
}
