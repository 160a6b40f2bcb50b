import { z } from 'zod'
import { offsetsJson } from '../../proof/offsets.js'

/** `20%` as a share. */
export const tolerance = z
  .string()
  .regex(/^\d+(\.\d+)?%$/, 'expected a percentage such as 20%')
  .transform((text) => Number(text.slice(0, -1)) / 100)

const sample = z.object({ at: z.number(), seen: z.record(z.string(), offsetsJson) })

/** What a gate that measures rates remembers: log ends (or commits by group) at two moments. */
export const ratesEvidence = z.object({ window: z.object({ base: sample, mid: sample }) })

/** Shorter windows say more about batching than about traffic. */
export const leastMs = 3000
export const windowMs = 20_000
