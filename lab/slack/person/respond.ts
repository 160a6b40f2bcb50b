import { byBot } from '../methods/chat.js'
import { contentOf } from '../methods/content.js'
import type { ResponseUrls } from '../responseUrls.js'
import type { Slack } from '../slack.js'
import type { Shape } from '../types.js'

type Origin = Exclude<ReturnType<ResponseUrls['use']>, string>

/** What an app answers to an interaction: to that person alone unless it says `in_channel`; in place of the message when asked. */
export function respond(slack: Slack, { channel, user, ts }: Origin, answer: Shape): void {
  if (ts !== undefined && answer.delete_original === true) {
    if (slack.ephemerals.has(ts)) slack.ephemerals.dismiss(ts)
    else slack.messages.remove(channel, ts)
    return
  }
  const { warnings: _warnings, metadata, ...content } = contentOf(slack, answer)
  if (ts !== undefined && answer.replace_original === true) {
    if (slack.ephemerals.has(ts))
      slack.ephemerals.replace(ts, ({ blocks: _blocks, ...kept }) => ({ ...kept, ...content }))
    else slack.messages.replace(channel, ts, ({ blocks: _blocks, ...kept }) => ({ ...kept, ...content }))
    return
  }
  const thread = typeof answer.thread_ts === 'string' ? { thread_ts: answer.thread_ts } : {}
  if (answer.response_type === 'in_channel') {
    slack.messages.post(channel, { ...byBot(slack), ...content, ...thread, ...(metadata ? { metadata } : {}) })
  } else {
    slack.ephemerals.show({ ...byBot(slack), ...content, ...thread, channel, to: user })
  }
}
