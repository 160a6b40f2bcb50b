import type { App } from '@slack/bolt'
import { unreadable } from './asked.js'
import { inTime } from './in-time.js'
import type { SlackAppDeps } from './index.js'
import { heardClick } from './on-clicks.js'
import { readReason, reasonBlock, reasonCallback } from './reason.js'
import { whisper } from './whisper.js'

/** Reasons, entered in a dialog. A refusal is shown in the dialog, so that nobody believes to have stopped what goes on. */
export function onReasons(app: App, deps: SlackAppDeps): void {
  app.view({ type: 'view_submission', callback_id: reasonCallback }, async ({ view, body, ack, client }) => {
    const wrong = (text: string) => ack({ response_action: 'errors', errors: { [reasonBlock]: text.slice(0, 1900) } })
    const read = readReason(view.private_metadata, view.state.values)
    if (!read) return wrong(unreadable.mistake)
    const tell = whisper(client, deps.migration.channel, body.user.id, deps.warn)
    await inTime(heardClick(deps, body.user, read.name, read.click, read.said), {
      answer: ({ is, text }) => (is === 'recorded' ? ack() : wrong(text)),
      hold: ack,
      later: tell,
    })
  })
}
