import { z } from 'zod'
import type { Side } from '../config/migration.js'
import type { Facts } from '../runbook/language.js'
import { apply } from './apply.js'
import { type Downtime, downtimeOf } from './downtime.js'
import type { Entry, Event, GateLook, Person } from './events.js'
import { expectations, wholeMs } from './prediction.js'
import { emptyState, isOpen, isRolledBack, type Run, type State } from './state.js'
import { told } from './told.js'

/** What happened in a run, from the log and the facts alone: for people as Markdown, for machines as JSON. Times are epoch milliseconds, offsets strings. */
export interface Report {
  readonly run: {
    readonly id: string
    readonly title: string
    readonly mode: Run['mode']
    readonly phase: Run['phase']['is']
    /** It finished by undoing what it had done. */
    readonly rolledBack: boolean
    readonly requestedBy: string
    readonly startedAt: number
    readonly endedAt: number | null
    readonly migration: string
    readonly runbook: { readonly name: string; readonly digest: string }
    readonly bot: string
  }
  /** What `verify` checks: whoever holds it can tell whether the log was changed since. */
  readonly head: { readonly version: number; readonly hash: string }
  readonly activeSide: Side
  /** `tookMs`: from its first gate until it was proved; `expectedMs`: what earlier runs of the runbook said before. */
  readonly steps: readonly {
    readonly step: string
    readonly title: string
    readonly phase: string
    readonly tookMs: number | null
    readonly expectedMs: number | null
    /** The run that it was expected by. */
    readonly expectedBy: string | null
    /** Whose approvals it was done by. */
    readonly approvedBy: readonly string[]
  }[]
  /** When the window of the night ended, if it had one. */
  readonly until: number | null
  readonly approvals: readonly ReportedApproval[]
  readonly downtime: Downtime | null
  readonly waterline: { readonly at: number; readonly ranges: readonly ReportedRange[] } | null
  /** Records of the source that no mirror brought over, and which were processed there. */
  readonly leftBehind: {
    readonly recordsWhenRecorded: Readonly<Record<string, number>>
    readonly ranges: readonly ReportedRange[]
  }
  /** Records that exist on the target alone. */
  readonly orphans: readonly (ReportedRange & { readonly records: number })[]
  /** Born on the target while it is the active side: what going back has to drain or carry. An open end is null. */
  readonly debt: readonly ReportedRange[]
  readonly gates: readonly (GateLook & { readonly step: string; readonly phase: 'think' | 'check' })[]
  readonly timeline: readonly {
    readonly version: number
    readonly at: number
    readonly by: string
    readonly text: string
  }[]
}

/** `[from, to)` of a partition; `to` null: up to the log end, whatever that is by now. */
export interface ReportedRange {
  readonly topic: string
  readonly partition: number
  readonly from: string
  readonly to: string | null
}

export interface ReportedApproval {
  readonly at: number
  readonly by: string
  readonly via: Person['via']
  readonly step: string
  readonly attempt: number
  /** Of what was shown: the plan and each gate's verdict. */
  readonly digest: string
  readonly plan: readonly string[]
  /** As they were when the step began to ask. */
  readonly gates: readonly GateLook[]
  /** As they were measured once more, when all approvals were there, before it acted; empty where it did not come to that. */
  readonly confirmed: readonly GateLook[]
}

/** The part of the log that is one run, and the state at its end. */
export interface Chapter {
  readonly entries: readonly Entry[]
  readonly state: State
  readonly run: Run
}

/** The named run, or the newest; null when there is none. */
export function chapterOf(entries: readonly Entry[], run: string | null): Chapter | null {
  const starts = entries.flatMap(({ event }, i) => (event.type === 'run-started' ? [{ i, run: event.run }] : []))
  const found = run === null ? starts.length - 1 : starts.findIndex((start) => start.run === run)
  const start = starts[found]
  if (!start) return null
  const before = entries.slice(0, start.i).reduce(apply, emptyState)
  const chapter = entries.slice(start.i, starts[found + 1]?.i)
  const state = chapter.reduce(apply, before)
  if (!state.run || isOpen(state.run)) return state.run && { entries: chapter, state, run: state.run }
  // What came after its end is no part of it: a report says the same whenever it is asked for.
  const own = chapter.slice(0, chapter.findLastIndex(({ event }) => endings.includes(event.type)) + 1)
  const atEnd = own.reduce(apply, before)
  return atEnd.run && { entries: own, state: atEnd, run: atEnd.run }
}

/** With `adopted` another run stands in the place of the one that ended. */
const endings: readonly Event['type'][] = ['run-finished', 'run-closed', 'adopted']

export function reportOf({ entries, state, run }: Chapter, given: Facts): Report {
  const facts = factsSchema.parse(given)
  const { id, mode, phase, startedAt, runbook, bot } = run
  const expected = expectations(state, run)
  return {
    run: {
      id,
      title: runbook.title,
      mode,
      phase: phase.is,
      rolledBack: isRolledBack(run),
      requestedBy: run.requestedBy.name,
      startedAt,
      endedAt: 'at' in phase ? phase.at : null,
      migration: run.migration.migration,
      runbook: { name: runbook.name, digest: runbook.digest },
      bot,
    },
    head: { version: state.version, hash: state.head },
    activeSide: state.activeSide,
    steps: run.steps.map((step) => {
      const known = expected.get(step.id)
      const expectedMs = wholeMs(known)
      return {
        step: step.id,
        title: step.step.title,
        phase: step.phase.is,
        tookMs: step.startedAt !== null && step.passedAt !== null ? step.passedAt - step.startedAt : null,
        expectedMs,
        expectedBy: expectedMs === null ? null : known!.run,
        approvedBy: step.approvals.map(({ by }) => by.name),
      }
    }),
    until: run.until,
    approvals: approvalsIn(entries),
    downtime: downtimeOf(run),
    // When it was recorded, which is what the channel says too; it was measured a little before.
    waterline: facts.waterline
      ? { at: state.facts.waterline?.at ?? facts.waterline.at, ranges: between({}, facts.waterline.offsets) }
      : null,
    leftBehind: {
      recordsWhenRecorded: facts.waterline?.leftBehind ?? {},
      ranges: leftBehind(facts),
    },
    orphans: facts.orphans?.ranges ?? [],
    debt: state.activeSide === 'target' && facts.waterline ? debt(facts.waterline, facts.certificate?.target) : [],
    gates: run.steps.flatMap((step) =>
      (['think', 'check'] as const).flatMap((phase) => step[phase].map((look) => ({ step: step.id, phase, ...look }))),
    ),
    timeline: entries.flatMap(({ version, at, by, event }) => {
      const text = told(event, mode === 'rehearsal')
      return text ? [{ version, at, by: by.kind === 'person' ? by.name : by.kind, text }] : []
    }),
  }
}

function approvalsIn(entries: readonly Entry[]): ReportedApproval[] {
  const found: ReportedApproval[] = []
  let gates: readonly GateLook[] = []
  let plan: string[] = []
  let asked = 0
  for (const { event, by, at } of entries) {
    if (event.type === 'step-planned') {
      gates = event.gates
      plan = []
      asked = found.length
    }
    if (event.type === 'effect-planned') plan.push(event.effect.text)
    if (event.type === 'approved' && by.kind === 'person')
      found.push({
        at,
        by: by.name,
        via: by.via,
        step: event.step,
        attempt: event.attempt,
        digest: event.digest,
        plan: [...plan],
        gates,
        confirmed: [],
      })
    if (event.type === 'step-acting')
      for (const [i, one] of found.entries())
        if (i >= asked && one.step === event.step && one.attempt === event.attempt)
          found[i] = { ...one, confirmed: event.gates }
  }
  return found
}

const offsets = z.record(z.string(), z.array(z.string().nullable()))
type Places = z.infer<typeof offsets>
const certified = z.object({ at: z.number(), ends: offsets }).optional()
/** Of the facts only what a report tells. */
const factsSchema = z.object({
  waterline: z.object({ at: z.number(), offsets, leftBehind: z.record(z.string(), z.number()) }).optional(),
  'mirror-positions': z.object({ positions: offsets }).optional(),
  certificate: z.object({ source: certified, target: certified }).optional(),
  orphans: z
    .object({
      ranges: z.array(
        z.object({ topic: z.string(), partition: z.number(), from: z.string(), to: z.string(), records: z.number() }),
      ),
    })
    .optional(),
})
type ReportFacts = z.infer<typeof factsSchema>

/** From where the mirror stopped to where the source ended, as far as the drain came after the waterline. */
function leftBehind({ waterline, certificate, 'mirror-positions': mirror }: ReportFacts): ReportedRange[] {
  const drained = certificate?.source
  if (!waterline || !mirror || !drained) return []
  return between(mirror.positions, drained.ends)
}

function debt(waterline: NonNullable<ReportFacts['waterline']>, drained: z.infer<typeof certified>): ReportedRange[] {
  if (drained && drained.at > waterline.at) return between(waterline.offsets, drained.ends)
  return between({}, waterline.offsets, true).map((range) => ({ ...range, from: range.to ?? '0', to: null }))
}

function between(from: Places, to: Places, empty = false): ReportedRange[] {
  return Object.entries(to).flatMap(([topic, ends]) =>
    ends.flatMap((end, partition) => {
      const start = from[topic]?.[partition] ?? '0'
      return end !== null && (empty || BigInt(start) < BigInt(end)) ? [{ topic, partition, from: start, to: end }] : []
    }),
  )
}
