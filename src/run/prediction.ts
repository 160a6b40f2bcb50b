import type { Run, RunSummary, State, StepRun } from './state.js'

/** How long a step took, in milliseconds; null: not known. */
export interface StepTiming {
  readonly step: string
  /** From its first gate to its approval. */
  readonly askedMs: number
  /** From its approval until it was proved; null in a rehearsal, which does nothing. */
  readonly workedMs: number | null
}

/** How long a step is expected to take, and by which run. */
export interface Expected extends StepTiming {
  readonly run: string
}

/** What a run that is over tells the next about its steps. */
export function timingsOf(run: Run): readonly StepTiming[] {
  return run.steps.flatMap(({ id, startedAt, actedAt, passedAt }) =>
    startedAt === null || actedAt === null || passedAt === null
      ? []
      : [{ step: id, askedMs: actedAt - startedAt, workedMs: run.mode === 'real' ? passedAt - actedAt : null }],
  )
}

/** By step: the newest earlier run of the same runbook that did it, or at least rehearsed it. */
export function expectations(state: State, run: Run): ReadonlyMap<string, Expected> {
  const earlier = state.past.filter(
    (one) => one.runbook === run.runbook.name && one.flow === run.flow && one.startedAt < run.startedAt,
  )
  const found = new Map<string, Expected>()
  // Oldest first, so that newer ones win; a rehearsal never takes the place of what was done.
  for (const { id, timings } of earlier)
    for (const timing of timings) {
      const known = found.get(timing.step)
      const workedMs = timing.workedMs ?? known?.workedMs ?? null
      found.set(timing.step, { ...timing, workedMs, run: timing.workedMs === null && known ? known.run : id })
    }
  return found
}

/** All of a step; null while nobody has ever seen it done. */
export const wholeMs = (timing: StepTiming | undefined): number | null =>
  timing && timing.workedMs !== null ? timing.askedMs + timing.workedMs : null

/** How long undoing a step takes: as before, or, never having been seen, as long as doing it took at most. */
export function undoMs(expected: ReadonlyMap<string, Expected>, step: StepRun): number | null {
  const { startedAt, actedAt, passedAt } = step
  const before = wholeMs(expected.get(`undo-${step.id}`))
  if (before !== null) return before
  return startedAt !== null && actedAt !== null && passedAt !== null
    ? passedAt - startedAt
    : wholeMs(expected.get(step.id))
}

/** The newest run of that runbook in which producers were stopped and started again. */
export const lastDowntime = (
  state: State,
  { flow }: Run,
  runbook: string,
): (RunSummary & { producersDownMs: number }) | null =>
  (state.past.findLast((one) => one.runbook === runbook && one.flow === flow && one.producersDownMs !== null) as
    | (RunSummary & { producersDownMs: number })
    | undefined) ?? null
