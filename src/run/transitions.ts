import type { FactDigests, Refusal } from './commands.js'
import type { At, Event } from './events.js'
import { currentStep, type Run, type StepRun } from './state.js'

export const checking = (run: Run, step: StepRun): Event[] => [
  { type: 'step-checking', run: run.id, step: step.id, attempt: step.attempt },
]

/** What comes after a step: the next begins to think, or the run is finished. */
export function following(run: Run, over: string): Event[] {
  const undoing = run.steps.some((step) => step.undoOf)
  const order = undoing ? run.steps.filter((step) => step.undoOf) : run.steps
  const next = order[order.findIndex((step) => step.id === over) + 1]
  return next
    ? [{ type: 'step-thinking', run: run.id, step: next.id, attempt: next.attempt }]
    : [{ type: 'run-finished', run: run.id }]
}

/** An effect that nobody has in hand: never claimed, failed, or its claim has run out. */
export const isFree = (status: StepRun['effects'][number]['status'], now: number): boolean =>
  status.is === 'planned' || status.is === 'failed' || (status.is === 'claimed' && now >= status.until)

/** When whom to call if nobody approves what is asked now; null: nobody is to be called, or has been already. */
export function escalatesAt(run: Run, step: StepRun): { readonly ms: number; readonly role: string } | null {
  const escalate = run.migration.policies[step.step.approve]?.escalate
  if (!escalate || step.phase.is !== 'asking' || step.escalated) return null
  return { ms: step.phase.since + escalate.after, role: escalate.to }
}
export const at = (run: Run, where: At): StepRun | null => {
  const step = currentStep(run)
  return step && run.id === where.run && step.id === where.step && step.attempt === where.attempt ? step : null
}
export const where = ({ run, step, attempt }: At): At => ({ run, step, attempt })
export const atNext = ({ run, step, attempt }: At): At => ({ run, step, attempt: attempt + 1 })
export const facts = (command: At & { facts: FactDigests }): Event[] =>
  command.facts.map((fact) => ({ type: 'fact-recorded', ...where(command), ...fact }))
export const refuse = (code: Refusal['code'], refused: string): Refusal => ({ code, refused })
export const superseded = refuse('superseded', 'The run has moved on.')
export const resumeFirst = (run: Run) => refuse('not-now', `${run.id} is stopped. Resume it first.`)
export const stale = (run: Run): Refusal =>
  refuse('stale', `This is no longer what ${run.id} waits for. Look at its newest message.`)
