import { producersDown } from '../../run/downtime.js'
import type { Person } from '../../run/events.js'
import { currentStep, inHand, numberOf, type Run, type State } from '../../run/state.js'
import { actions, button, context, header, section } from './blocks.js'
import { onTheWire, rollbackCost } from './cost.js'
import { doneOf } from './effects.js'
import { gateLines, stops } from './gates.js'
import type { Message } from './message.js'
import { clipped, clock, count, escaped, named, sentence } from './say.js'

/** A run that a person stopped, or that a rule of the whole run holds, says what can be done now. */
export function stoppedMessage(state: State, run: Run): Message | null {
  if (run.phase.is === 'stopped') return stopped(state, run, run.phase)
  if (run.phase.is === 'closed' && run.phase.stopped) return closed(run, run.phase, run.phase.stopped)
  return run.phase.is === 'open' && run.held ? held(run, run.held) : null
}

function stopped(
  state: State,
  run: Run,
  { at, by, reason, onTheWire: effects }: Extract<Run['phase'], { is: 'stopped' }>,
): Message {
  const step = currentStep(run)
  const where = step ? `in step ${numberOf(run, step)}, ${named(step.step.title)}` : 'after its last step'
  const about = { run: run.id }
  return {
    key: `stopped/${run.id}/${at}`,
    text: `Run ${run.id} is stopped by ${named(by.name)}: ${sentence(escaped(reason))} It waits for Resume, Roll back or Close.`,
    asks: true,
    over: `Run ${run.id} was stopped here by ${named(by.name)}: ${sentence(escaped(reason))} It is stopped no longer.`,
    blocks: [
      header(`Run ${run.id} is stopped`),
      section(
        `${named(by.name)} stopped it at ${clock(at)} ${where}: ${sentence(escaped(reason))}\n${onTheWire(effects)}`,
      ),
      section(rollbackCost(state, run)),
      actions(
        button('resume', 'Resume', `Go on with ${run.id}`, about, 'primary'),
        button('rollback', 'Roll back', `Roll ${run.id} back, with a reason`, about),
        button('close', 'Close', `End ${run.id} where it stands, with a reason`, about, 'danger'),
      ),
      context(
        `${resuming(run)} Close leaves everything as it is now${stillDown(run)}. If nobody does anything, nothing is changed.`,
      ),
    ],
  }
}

/** What Resume does, which depends on how far the step had come. */
function resuming(run: Run): string {
  const step = currentStep(run)
  if (!step) return 'Resume ends the run: all steps are over.'
  const which = `${step.undoOf ? 'the undo of ' : ''}step ${numberOf(run, step)}`
  const effects = inHand(step)
  switch (step.phase.is) {
    case 'waiting':
      return `Resume begins ${which}: it is measured, and asked before anything is changed.`
    case 'checking':
      return `Resume goes on proving ${which}, ${effects.length ? 'whose changes are made' : 'which changes nothing'}: nobody is asked for it again.`
    case 'acting':
      return `Resume measures ${which} afresh, and asks again for what is left of it: ${doneOf(effects)} of ${count(effects.length, 'change')} ${doneOf(effects) === 1 ? 'is' : 'are'} made.`
    case 'failed':
      return `After Resume ${which} still stands as failed: Retry${step.step.skip ? ', Skip' : ''} or Roll back then.`
    default:
      return `Resume measures ${which} afresh and asks again.`
  }
}

/** What closing would leave behind that customers see. */
export function stillDown(run: Run): string {
  const down = producersDown(run)
  return down === null ? '' : `: *the producers, which stand still since ${clock(down.since)}, stay down*`
}

/** It stays where it was: whoever looks for its buttons reads why they are gone. */
function closed(
  run: Run,
  { at, by, reason }: Extract<Run['phase'], { is: 'closed' }>,
  stopped: { readonly at: number; readonly by: Person; readonly reason: string },
): Message {
  const was = `Run ${run.id} was stopped here by ${named(stopped.by.name)}: ${sentence(escaped(stopped.reason))}`
  const then = `It was closed by ${named(by.name)} at ${clock(at)}: ${sentence(escaped(reason))}`
  return {
    key: `stopped/${run.id}/${stopped.at}`,
    text: clipped(`${was} ${then}`, 1400),
    blocks: [section(`${was}\n*${then.slice(0, 13)}*${then.slice(13)}`)],
  }
}

function held(run: Run, { at, gates }: NonNullable<Run['held']>): Message {
  const broken = gates.filter(stops)
  return {
    key: `held/${run.id}/${at}`,
    text: `Run ${run.id} is held: ${sentence(clipped(escaped(broken.map((look) => look.text).join(' ')), 600))}`,
    asks: true,
    over: `Run ${run.id} was held here; it is no longer.`,
    blocks: [
      header(`Run ${run.id} is held`),
      section(
        `Since ${clock(at)} something does not hold that must hold during the whole run. Nothing further is changed.\n${gateLines(broken)}`,
        2900,
      ),
      actions(
        button('resume', 'Resume', `Go on with ${run.id}`, { run: run.id }, 'primary'),
        button('abort', 'Abort', `Stop ${run.id}`, { run: run.id }, 'danger'),
      ),
      context('Resume once the cause is gone. If nobody does anything, the run stays held.'),
    ],
  }
}
