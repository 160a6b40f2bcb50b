import { channelById, resolveChannel, withThread } from '../messages.js'
import { refuse } from '../refusal.js'
import type { Slack } from '../slack.js'
import type { Message, Shape } from '../types.js'
import { flag, required, text } from './args.js'
import { contentOf, withWarnings } from './content.js'

export function postMessage(slack: Slack, args: Shape): Shape {
  const channel = resolveChannel(slack.workspace, required(args, 'channel'))
  const { warnings, ...content } = contentOf(slack, args)
  const thread = threadOf(slack, channel.id, text(args, 'thread_ts'))
  const message = slack.messages.post(channel.id, {
    ...byBot(slack),
    ...content,
    ...thread,
    ...(flag(args, 'reply_broadcast') && thread.thread_ts ? { subtype: 'thread_broadcast' as const } : {}),
  })
  return withWarnings({ channel: channel.id, ts: message.ts, message }, warnings)
}

/** Fields that are not given keep what they held, blocks too: a text alone changes nothing that a person sees (python-slack-sdk#523). */
export function update(slack: Slack, args: Shape): Shape {
  const channel = channelById(slack.workspace, required(args, 'channel'))
  const ts = required(args, 'ts')
  if (slack.ephemerals.has(ts)) refuse('message_not_found')
  if (slack.messages.find(channel.id, ts).user !== slack.workspace.bot.user) refuse('cant_update_message')
  const { warnings, ...content } = contentOf(slack, args)
  const message = slack.messages.replace(channel.id, ts, (kept: Message) => ({
    ...kept,
    ...content,
    edited: { user: slack.workspace.bot.user, ts: slack.workspace.ts() },
  }))
  return withWarnings(
    { channel: channel.id, ts, text: message.text, message: withThread(message, slack.messages.list(channel.id)) },
    warnings,
  )
}

export function remove(slack: Slack, args: Shape): Shape {
  const channel = channelById(slack.workspace, required(args, 'channel'))
  const ts = required(args, 'ts')
  if (slack.messages.find(channel.id, ts).user !== slack.workspace.bot.user) refuse('cant_delete_message')
  slack.messages.remove(channel.id, ts)
  return { channel: channel.id, ts }
}

export function postEphemeral(slack: Slack, args: Shape): Shape {
  const channel = resolveChannel(slack.workspace, required(args, 'channel'))
  const to = required(args, 'user')
  if (!slack.workspace.people.some(({ id }) => id === to)) refuse('user_not_in_channel')
  const { warnings, metadata: _metadata, ...content } = contentOf(slack, args)
  const thread = threadOf(slack, channel.id, text(args, 'thread_ts'))
  const shown = slack.ephemerals.show({ ...byBot(slack), ...content, ...thread, channel: channel.id, to })
  return withWarnings({ message_ts: shown.ts }, warnings)
}

export function getPermalink(slack: Slack, args: Shape): Shape {
  const channel = resolveChannel(slack.workspace, required(args, 'channel'))
  const { ts } = slack.messages.find(channel.id, required(args, 'message_ts'))
  return { channel: channel.id, permalink: `${slack.base()}/?channel=${channel.id}&ts=${ts}` }
}

export function byBot({ workspace }: Slack): { user: string; bot_id: string; app_id: string } {
  return { user: workspace.bot.user, bot_id: workspace.bot.id, app_id: workspace.app.id }
}

/** A reply to a reply lands in the parent's thread; Slack knows only one level. */
export function threadOf(slack: Slack, channel: string, asked: string): { thread_ts?: string } {
  if (asked === '') return {}
  const found = slack.messages.list(channel).find(({ ts }) => ts === asked)
  return { thread_ts: found?.thread_ts ?? asked }
}
