import type { App, BlockAction, ButtonAction } from '@slack/bolt'
import { rollbackOf } from '../../run/undo.js'
import { type Click, type ClickName, clicks, readClick } from '../click.js'
import { inWords, type Said, unreadable, wantedByClick, wantsReason } from './asked.js'
import { inTime } from './in-time.js'
import type { SlackAppDeps } from './index.js'
import { knownOf } from './known.js'
import { reasonView } from './reason.js'
import { type Heard, hear, type SlackUser } from './submit.js'
import { whisper } from './whisper.js'

const unsaid: Said = { app: null, reason: 'no reason given: the dialog could not be opened' }

/** Buttons. Losers of a race, and people who may not, are told in private; what was recorded is seen in the message. */
export function onClicks(app: App, deps: SlackAppDeps): void {
  app.action<BlockAction<ButtonAction>>(
    { type: 'block_actions', action_id: new RegExp(`^(${clicks.join('|')})$`) },
    async ({ action, body, ack, client }) => {
      const user = { id: body.user.id, name: body.user.name ?? body.user.username }
      const tell = whisper(client, body.channel?.id ?? deps.migration.channel, user.id, deps.warn)
      const name = action.action_id as ClickName
      const click = readClick(action.value)
      if (!click) {
        await ack()
        return tell({ text: unreadable.mistake })
      }
      if (wantsReason(name)) {
        // A trigger lives three seconds, so the dialog comes before anything else.
        const opened = await client.views
          .open({ trigger_id: body.trigger_id, view: reasonView(name, click) })
          .catch(() => null)
        if (opened) {
          await ack()
          const view_id = opened.view?.id ?? ''
          // What takes longer is filled in; without it the dialog does what it did, and a refusal comes with the answer.
          await knownOf(deps, user, name, click)
            .then((known) => client.views.update({ view_id, view: reasonView(name, click, known) }))
            .catch((error: Error) => deps.warn(`a dialog could not be filled in: ${error.message}`))
          return
        }
        if (name !== 'abort') {
          await ack()
          return tell({ text: `The dialog could not be opened. \`/migrate ${inWords(name)}\` does the same.` })
        }
      }
      const unlessRecorded = async ({ is, text }: Heard) => (is === 'recorded' ? undefined : tell({ text }))
      await inTime(heardClick(deps, user, name, click, unsaid), {
        answer: async (heard) => {
          await ack()
          await unlessRecorded(heard)
        },
        hold: ack,
        later: unlessRecorded,
      })
    },
  )
}

export function heardClick(
  deps: SlackAppDeps,
  user: SlackUser,
  name: ClickName,
  click: Click,
  said: Said,
): Promise<Heard> {
  return hear(
    deps,
    user,
    (state) => (name === 'rollback' ? rollbackOf(state) : null),
    (state, sources, now) => wantedByClick(name, click, state, sources, said, now),
  )
}
