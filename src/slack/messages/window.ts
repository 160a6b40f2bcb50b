import { sayDuration } from '../../config/duration.js'
import { type Expected, expectations, wholeMs } from '../../run/prediction.js'
import { numberOf, type Run, type State } from '../../run/state.js'
import { rollbackPolicy } from '../../run/undo.js'
import { windowClock } from '../../run/window.js'
import { actions, button, section } from './blocks.js'
import { rollbackCost } from './cost.js'
import type { Message } from './message.js'
import { whoIs } from './people.js'
import { clock, dayAndClock, named } from './say.js'

/** ` (expected 12 s)`: what earlier runs say of a step; empty where none did it. */
export function sayExpected(expected: Expected | undefined): string {
  if (!expected) return ''
  const whole = wholeMs(expected)
  return whole === null
    ? ` (rehearsed: ${sayDuration(expected.askedMs)} to its approval)`
    : ` (expected ${sayDuration(whole)})`
}

/** By when which step must be over so that the window suffices, or that it cannot be said. */
export function windowLine(state: State, run: Run): readonly string[] {
  const window = windowClock(run, expectations(state, run))
  if (!window) return []
  const { until, decision, leftMs } = window
  const ends = `*Window.* It ends ${dayAndClock(until)}.`
  if (decision) {
    const which = `Step ${numberOf(run, decision.step)}, ${named(decision.step.step.title)}`
    if (decision.by === null)
      return [`${ends} The last moment for ${lower(which)}, is not known: no earlier run did all of the steps.`]
    return [
      `${ends} *${which}, by ${clock(decision.by)}, or roll back:* the steps after it took ${sayDuration(decision.restMs ?? 0)} before, going back from there takes as much as ${sayDuration(decision.backMs ?? 0)}.`,
    ]
  }
  if (leftMs === null) return [`${ends} How long the steps take that are left is not known: no earlier run did them.`]
  return [
    leftMs === 0
      ? `${ends} This is the last step.`
      : `${ends} The steps after this one took ${sayDuration(leftMs)} before: it must be over by ${clock(until - leftMs)}.`,
  ]
}

/** The moment has come at which going on no longer fits into the window: a message of its own, once. */
export function lateMessage(state: State, run: Run, now: number): Message | null {
  const window = windowClock(run, expectations(state, run))
  const { step, by } = window?.decision ?? {}
  if (!window || !step || by === null || by === undefined || now < by || run.phase.is !== 'open') return null
  const role = (run.migration.policies[rollbackPolicy] ?? run.migration.policies[step.step.approve])?.role ?? ''
  const which = `Step ${numberOf(run, step)}, ${named(step.step.title)},`
  const ends = clock(window.until)
  return {
    key: `late/${run.id}`,
    text: `${whoIs(run, role)}: ${which} was to be over by ${clock(by)} and is not. Roll back, or go on knowing that the window ends ${ends}.`,
    asks: true,
    over: `${which} was not over by ${clock(by)}, the last moment at which going on fitted into the window.`,
    blocks: [
      section(
        `${whoIs(run, role)}: *${which} was to be over by ${clock(by)} and is not.* By earlier runs, going on from here does not fit into the window any more, which ends ${ends}. Roll back, or go on knowing it.`,
      ),
      section(rollbackCost(state, run)),
      actions(button('rollback', 'Roll back', `Roll ${run.id} back, with a reason`, { run: run.id }, 'danger')),
    ],
  }
}

const lower = (words: string) => words.charAt(0).toLowerCase() + words.slice(1)
