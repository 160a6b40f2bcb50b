import type { Delivered } from '../delivery/payload.js'
import type { Slack } from '../slack.js'

/** Slack's own words to one person when the app gave none. */
export function noticeUnanswered(slack: Slack, to: string, channel: string, delivered: Delivered, what: string): void {
  if (delivered.ok) return
  const reasons = { timeout: 'operation_timeout', not_connected: 'dispatch_failed', refused: 'dispatch_unknown_error' }
  slack.ephemerals.show({
    user: 'USLACKBOT',
    text: `${what} failed because ${slack.workspace.bot.name} did not respond (${reasons[delivered.why]}).`,
    channel,
    to,
  })
}
