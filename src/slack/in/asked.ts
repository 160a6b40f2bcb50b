import { isOpen, type State } from '../../run/state.js'
import { type Sources, type Wanted, wantedOf } from '../../run/wanted.js'
import type { Mistake } from '../../run/words.js'
import type { Click, ClickName } from '../click.js'

/** Buttons that ask for a reason first. */
export const reasonClicks = ['abort', 'rollback', 'close', 'skip', 'no-app'] as const
export type ReasonClick = (typeof reasonClicks)[number]
export const wantsReason = (name: ClickName): name is ReasonClick => (reasonClicks as readonly string[]).includes(name)

/** What does the same by words. */
export const inWords = (name: ReasonClick): string => (name === 'no-app' ? 'answer no APP REASON' : `${name} REASON`)

/** What was entered in the dialog of a button; `app` only where it asks for one. */
export interface Said {
  readonly app: string | null
  readonly reason: string
}

/** What a click asks for, bound to what its message showed; a sentence where that is over. */
export function wantedByClick(
  name: ClickName,
  click: Click,
  state: State,
  sources: Sources,
  { app, reason }: Said,
  now: number,
): Wanted | Mistake {
  const { run, step, attempt, nonce, digest, question, cause } = click
  const at = run && step && attempt ? { run, step, attempt } : null
  switch (name) {
    case 'approve':
      return at && nonce && digest ? { do: 'approve', ...at, nonce, digest } : unreadable
    case 'retry':
      return at ? { do: 'retry', ...at } : unreadable
    case 'skip':
      return at ? { do: 'skip', ...at, reason } : unreadable
    case 'yes':
    case 'no':
    case 'no-app':
      if (!at || !question) return unreadable
      return { do: 'answer', ...at, question, yes: name === 'yes', app, reason: name === 'no-app' ? reason : '' }
    case 'acknowledge':
    case 'snooze':
      return cause
        ? wantedOf({ ask: name === 'snooze' ? 'snooze' : 'ack', alert: cause }, state, sources, now)
        : unreadable
    case 'abort':
    case 'cancel':
    case 'close':
    case 'rollback':
    case 'resume':
      if (!run) return unreadable
      if (!isOpen(state.run) || state.run.id !== run)
        return { mistake: `Run ${run} is over; this button does nothing any more.` }
      if (name === 'cancel') return wantedOf({ ask: 'close', reason: calledOff }, state, sources, now)
      return wantedOf(name === 'resume' ? { ask: 'resume' } : { ask: name, reason }, state, sources, now)
  }
}

/** One click, without a dialog. */
const calledOff = 'called off before it began'

/** What a button would say when its own value cannot be read: the same by words. */
export const unreadable: Mistake = {
  mistake: 'This button could not be read. /migrate help names the command that does the same.',
}
