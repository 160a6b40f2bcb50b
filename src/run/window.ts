import { type Expected, undoMs, wholeMs } from './prediction.js'
import { currentStep, pastPivot, type Run, type StepRun } from './state.js'

/** What the end of the window asks of a run. Everything in it stands still while nothing happens. */
export interface WindowClock {
  readonly until: number
  /** The last step from which going back is still an undo: over by then, or roll back. Null once it is over. */
  readonly decision: Decision | null
  /** How long the steps that are not begun take after the current one; null: one of them was never seen. */
  readonly leftMs: number | null
}

export interface Decision {
  readonly step: StepRun
  /** The latest moment; null: some of the steps were never seen. */
  readonly by: number | null
  readonly restMs: number | null
  readonly backMs: number | null
}

/** Null: the run has no window, or is over, or is going back already. */
export function windowClock(run: Run, expected: ReadonlyMap<string, Expected>): WindowClock | null {
  const { until, steps } = run
  const current = currentStep(run)
  if (until === null || !current || current.undoOf || run.mode === 'rehearsal') return null
  const left = steps.slice(steps.indexOf(current) + 1)
  const leftMs = sum(left.map((step) => wholeMs(expected.get(step.id))))
  const decision = pastPivot(run) ? null : decisionOf(steps, until, expected)
  return {
    until,
    decision: decision && steps.indexOf(decision.step) >= steps.indexOf(current) ? decision : null,
    leftMs,
  }
}

/** Going on from there needs the rest of the runbook, going back the undo of all until there: the longer of both must fit. */
function decisionOf(
  steps: readonly StepRun[],
  until: number,
  expected: ReadonlyMap<string, Expected>,
): Decision | null {
  const pivot = steps.findIndex(({ step }) => step.undo === 'none')
  const step = steps[pivot - 1]
  if (!step) return null
  const restMs = sum(steps.slice(pivot).map((one) => wholeMs(expected.get(one.id))))
  const backMs = sum(
    steps
      .slice(0, pivot)
      .filter((one) => one.step.do.length)
      .map((one) => undoMs(expected, one)),
  )
  return { step, restMs, backMs, by: restMs === null || backMs === null ? null : until - Math.max(restMs, backMs) }
}

const sum = (some: readonly (number | null)[]): number | null =>
  some.reduce<number | null>((all, one) => (all === null || one === null ? null : all + one), 0)
