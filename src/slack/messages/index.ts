import type { LagNow, Live } from '../../run/live.js'
import { asItEnded, type Run, type State } from '../../run/state.js'
import { alertMessage } from './alert.js'
import { board } from './board.js'
import { escalationMessage } from './escalation.js'
import type { Message } from './message.js'
import { reportMessage } from './report.js'
import { clipped } from './say.js'
import { stepMessage } from './step.js'
import { stoppedMessage } from './stopped.js'
import { lateMessage } from './window.js'

/** Everything the channel should show now, in the order in which it should first appear. */
export function messages(
  state: State,
  live: Live | null,
  lag: LagNow | null,
  now: number,
): ReadonlyMap<string, Message> {
  const all = [
    ...(state.previous ? ofRun(state, state.previous, null, null, now) : []),
    ...(state.run ? ofRun(state, state.run, live?.run === state.run.id ? live : null, lag, now) : []),
    ...state.alerts.map((alert) => alertMessage(alert, now)),
  ]
  return new Map(
    all
      .filter((message) => message !== null)
      .map((message) => [message.key, { ...message, text: clipped(message.text, longestText) }]),
  )
}

/** Of a run that is over nothing moves any more, whatever happens after it. */
function ofRun(
  state: State,
  run: Run,
  live: Live | null,
  lag: LagNow | null,
  now: number,
): readonly (Message | null)[] {
  const { phase } = run
  return phase.is === 'finished' || phase.is === 'closed'
    ? told(asItEnded(state, run), run, null, null, phase.at)
    : told(state, run, live, lag, now)
}

const told = (state: State, run: Run, live: Live | null, lag: LagNow | null, now: number) => [
  board(state, run, lag),
  ...run.steps.flatMap((step) => [stepMessage(run, step, live, lag, now), escalationMessage(run, step)]),
  lateMessage(state, run, now),
  stoppedMessage(state, run),
  reportMessage(state, run),
]

/** A notification shows no more; the blocks hold the rest. */
const longestText = 1500
