import { sayDuration } from '../../config/duration.js'
import { currentStep, numberOf, type Run, type StepRun } from '../../run/state.js'
import { context, section } from './blocks.js'
import type { Message } from './message.js'
import { approvers, whoIs } from './people.js'
import { clock, named } from './say.js'

/** Calls those to whom a policy escalates: a message of its own, since an update reaches nobody. */
export function escalationMessage(run: Run, step: StepRun): Message | null {
  const { phase, escalated } = step
  if (!escalated || phase.is !== 'asking' || step !== currentStep(run) || run.phase.is !== 'open') return null
  const which = `step ${numberOf(run, step)}, ${named(step.step.title)}`
  const waited = sayDuration(escalated.at - phase.since)
  return {
    key: `escalation/${run.id}/${step.id}/${phase.nonce}`,
    text: `${whoIs(run, escalated.role)}: nobody has approved ${which}, for ${waited}.`,
    over: `At ${clock(escalated.at)} the role ${named(escalated.role)} was called for ${which}. It no longer waits for that.`,
    asks: true,
    blocks: [
      section(
        `${whoIs(run, escalated.role)}: *nobody has approved ${which}*, for ${waited}. The question stands above, with its evidence; until ${clock(phase.until)} nothing happens without an approval.`,
      ),
      context(approvers(run, step)),
    ],
  }
}
