import type { Run, StepRun } from '../../run/state.js'
import { actions, button, context, section } from './blocks.js'
import { doneOf, effectCount, effectsOf, oneAppAlone, troubleLines } from './effects.js'
import { gateLines, stops } from './gates.js'
import { stepGraph } from './graphs.js'
import type { Block } from './message.js'
import { clock, count, escaped, named, sentence } from './say.js'

/** A step that failed waits for a person, with what was seen. */
export function failedBlocks(run: Run, step: StepRun, why: string): readonly Block[] {
  const { phase } = step
  if (phase.is !== 'failed') return []
  const effects = effectsOf(step)
  const looks = step.check.filter(stops)
  const trouble = troubleLines(effects)
  return [
    section(
      `*Failed* at ${clock(phase.at)}, attempt ${step.attempt} of ${step.step.attempts}: ${sentence(escaped(why))}`,
    ),
    ...(effects.length
      ? [section(`${doneOf(effects)} of ${effectCount(effects)} done.${trouble ? `\n${trouble}` : ''}`)]
      : []),
    ...(looks.length ? [section(`*What does not hold*\n${gateLines(looks)}`, 2900)] : []),
    ...stepGraph(run, step),
    context([nextSteps(step), ...oneAppAlone(effects)].join('\n')),
    ...(run.phase.is === 'open' ? [actions(...choices(run, step))] : []),
  ]
}

function choices(run: Run, step: StepRun) {
  const at = { run: run.id, step: step.id, attempt: step.attempt }
  return [
    ...(triesLeft(step) > 0 ? [button('retry', 'Retry', `Try ${step.id} again`, at, 'primary')] : []),
    ...(step.step.skip ? [button('skip', 'Skip', `Leave ${step.id} out, with a reason`, at)] : []),
    button('rollback', 'Roll back', `Roll ${run.id} back, with a reason`, { run: run.id }),
    button('abort', 'Abort', `Stop ${run.id}`, { run: run.id }, 'danger'),
  ]
}

/** What can be typed now, for whoever reads of it without buttons. */
export function choicesInWords({ step, attempt }: StepRun): string {
  const left = triesLeft({ step, attempt })
  const words = [
    ...(left > 0 ? [`\`/migrate retry\` (${count(left, 'attempt')} left)`] : []),
    ...(step.skip ? [`\`/migrate skip REASON\` (the role ${named(step.skip)})`] : []),
    '`/migrate rollback REASON`',
  ]
  return `It waits for a person: ${words.join(', ')} or \`/migrate close REASON\`.`
}

function nextSteps(step: StepRun): string {
  const left = triesLeft(step)
  const retry = left > 0 ? `Retry measures and asks afresh (${count(left, 'attempt')} left).` : 'No attempts are left.'
  const skip = step.step.skip
    ? ` Skip takes the role ${named(step.step.skip)} and a reason.`
    : ' It may not be skipped.'
  return `${retry}${skip} If nobody does anything, nothing further is changed.`
}

const triesLeft = ({ step, attempt }: Pick<StepRun, 'step' | 'attempt'>): number => Math.max(0, step.attempts - attempt)
