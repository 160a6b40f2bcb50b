import type { Live } from '../../run/live.js'
import type { Run, StepRun } from '../../run/state.js'
import { sayGate } from '../../runbook/gate-words.js'
import { actions, button, context, section } from './blocks.js'
import { effectCount, effectLines, effectsOf } from './effects.js'
import { gateLines, isAhead, newestLooks } from './gates.js'
import { stepGraph } from './graphs.js'
import type { Block } from './message.js'
import { approvalCount, approvers, whoMayApprove } from './people.js'
import { bullets, clipped, clock, escaped, listed, named } from './say.js'

export function askText(run: Run, step: StepRun): string {
  if (run.phase.is !== 'open')
    return `It was not done: the run ${run.phase.is === 'stopped' ? 'is stopped' : 'is over'}.`
  if (step.phase.is === 'confirming')
    return `It is approved, and measured once more before ${run.mode === 'rehearsal' ? 'the rehearsal goes on' : 'it acts'}.`
  const role = run.migration.policies[step.step.approve]?.role ?? step.step.approve
  return `${step.fell ? `Asked again, since ${clipped(escaped(step.fell), 400)} ` : ''}May it be done? ${effectCount(effectsOf(step))}, ${approvalCount(run, step)} so far; asked of the role ${named(role)}: ${whoMayApprove(run, step)}.`
}

/** What is asked, what is at stake, what happens otherwise; then the evidence it rests on. */
export function askBlocks(run: Run, step: StepRun, live: Live | null): readonly Block[] {
  const { phase } = step
  if (phase.is !== 'asking' && phase.is !== 'confirming') return []
  const effects = effectsOf(step)
  const at = { run: run.id, step: step.id, attempt: step.attempt }
  const looks = newestLooks(step, 'think', live)
  const rehearsal = run.mode === 'rehearsal' ? ' *This is a rehearsal: nothing will be changed.*' : ''
  const open = run.phase.is === 'open'
  const asking = open && phase.is === 'asking'
  const follows =
    run.mode === 'rehearsal'
      ? `the rehearsal goes on. ${effectCount(effects)} would follow; nothing is changed.`
      : `${effectCount(effects)} ${effects.length === 1 ? 'follows' : 'follow'} at once.`
  return [
    ...(asking ? askedAgain(step) : []),
    section(
      !open
        ? `*It was not done.* ${effectCount(effects)} ${effects.length === 1 ? 'was' : 'were'} planned.`
        : asking
          ? `*May it be done?* ${effectCount(effects)}.${rehearsal}`
          : `*Approved.* Everything is measured once more; if it still holds, ${follows}`,
    ),
    section(effectLines(effects), 2900),
    ...(looks.length ? [section(`*Evidence*\n${gateLines(looks, 12, isAhead(run, step))}`, 2900)] : []),
    ...(step.undoOf ? [section(provedAfterwards(step), 2900)] : []),
    ...stepGraph(run, step),
    ...(asking ? [section(atStake(run, step, phase.until))] : []),
    context(asking ? approvers(run, step) : `${approvalCount(run, step)}.`),
    actions(
      ...(asking
        ? [
            button(
              'approve',
              'Approve',
              `Approve step ${step.id}, attempt ${step.attempt}`,
              { ...at, nonce: phase.nonce, digest: phase.digest },
              'primary',
            ),
          ]
        : []),
      button('abort', 'Abort', `Stop ${run.id} before its next change`, { run: run.id }, 'danger'),
    ),
  ]
}

/** What changed since the last question, and whose approval fell with it. */
function askedAgain({ fell, fallen }: StepRun): readonly Block[] {
  if (!fell) return []
  const whose = fallen.length
    ? ` ${listed(fallen.map(({ by }) => named(by.name)))} had approved, which counts no longer.`
    : ''
  return [section(`*Asked again.*${whose} Nothing was done.\n*What changed:* ${escaped(fell)}`)]
}

/** An undo rests on no evidence of before: what counts is what must hold once it is done. */
function provedAfterwards({ step: { check } }: StepRun): string {
  if (!check.length) return '*Nothing is proved afterwards:* these changes name no gate for it.'
  return `*What is proved afterwards*\n${bullets(
    check.map((call) => escaped(sayGate(call))),
    20,
  )}`
}

function atStake(run: Run, step: StepRun, until: number): string {
  const then =
    run.mode === 'rehearsal'
      ? 'the rehearsal goes on. Nothing is done.'
      : ['done at once.', wayBack(run, step)].join(' ').trim()
  return `*If approved,* it is measured once more and ${then}\n*If nobody approves* by ${clock(until)}, nothing is changed, and it is measured and asked afresh.`
}

function wayBack(run: Run, step: StepRun): string {
  if (step.undoOf) return ''
  if (step.step.undo === 'none')
    return '*This step is the pivot:* once it has begun, the way back is the rollback runbook.'
  const behind = run.steps.slice(0, run.steps.indexOf(step)).some((one) => one.step.undo === 'none')
  return behind
    ? 'The pivot is behind, so it is not undone on its own: the way back is the rollback runbook.'
    : 'It can be undone, each change back to what it was before.'
}
