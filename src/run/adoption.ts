import { z } from 'zod'
import { type Side, sides } from '../config/migration.js'
import type { Json } from '../runbook/json.js'
import type { Person } from './events.js'
import type { Run, RunSummary, StepRun } from './state.js'

/** What an earlier log said, taken over after it was lost. */
export interface Adoption {
  /** Where that log stood. */
  readonly head: Head
  /** What stood on the sides, as new as each had heard of it, `head` among them; events of older versions name that one alone. */
  readonly heads?: readonly Head[]
  readonly activeSide: Side
  readonly past: readonly RunSummary[]
  /** Its newest run; null when it had none. */
  readonly adopted: Run | null
}

export interface Head {
  readonly version: number
  readonly head: string
}

/** Every head that this log stands in the place of. */
export const headsOf = ({ head, heads }: Adoption): readonly Head[] => heads ?? [head]

const headSchema = z.object({ version: z.number(), head: z.string() })
const phase = z.looseObject({ is: z.string() })
/** As much as tells a run from anything else; an older version kept it, and fields are only ever added. */
const adoptionSchema = z.object({
  head: headSchema,
  heads: z.array(headSchema).optional(),
  activeSide: z.enum(sides),
  past: z.array(z.looseObject({ id: z.string(), phase: z.string() })),
  adopted: z
    .looseObject({
      id: z.string(),
      runbook: z.looseObject({ name: z.string(), steps: z.array(z.unknown()) }),
      migration: z.looseObject({ migration: z.string() }),
      phase,
      steps: z.array(
        z.looseObject({ id: z.string(), step: z.unknown(), attempt: z.number(), phase, effects: z.array(z.unknown()) }),
      ),
    })
    .nullable(),
})

export function readAdoption(json: Json): Adoption {
  const read = adoptionSchema.parse(json) as unknown as Adoption
  return { ...read, past: read.past.map((one): RunSummary => ({ ...untold, ...one })) }
}

/** What an older version did not keep of a run that is over. */
const untold = { flow: 'main' as const, runbook: '', changed: true, timings: [], producersDownMs: null }

/** What a run of an older version does not say of its steps. */
const sinceThen = { escalated: null, fallen: [], askedAgain: 0, actedAt: null, passedAt: null, asked: [] }

/** The run as it waits for a person: nothing goes on by itself after the log was lost. */
export function stoppedByAdoption(run: Run, at: number, by: Person): Run {
  const steps = run.steps.map((step): StepRun => ({ ...sinceThen, ...step }))
  const known: Run = {
    ...run,
    waivers: run.waivers ?? [],
    until: run.until ?? null,
    flow: run.flow ?? 'main',
    end: run.end ?? null,
    steps,
  }
  if (run.phase.is !== 'open') return known
  const onTheWire = run.steps
    .flatMap((step) => step.effects)
    .flatMap(({ effect, status }) => (status.is === 'claimed' ? [effect.id] : []))
  return {
    ...known,
    phase: {
      is: 'stopped',
      at,
      by,
      reason: 'its log was lost, and what the clusters remember of it was taken over',
      onTheWire,
    },
  }
}
