import { channelById, resolveChannel, withThread } from '../messages.js'
import { refuse } from '../refusal.js'
import type { Slack } from '../slack.js'
import type { Channel, Message, Shape } from '../types.js'
import { flag, required, text } from './args.js'

export function history(slack: Slack, args: Shape): Shape {
  const channel = channelById(slack.workspace, required(args, 'channel'))
  const all = slack.messages.list(channel.id)
  const top = all.filter(
    ({ ts, thread_ts, subtype }) => thread_ts === undefined || thread_ts === ts || subtype === 'thread_broadcast',
  )
  return page(top.toReversed(), all, args)
}

export function replies(slack: Slack, args: Shape): Shape {
  const channel = channelById(slack.workspace, required(args, 'channel'))
  const thread = slack.messages.list(channel.id, required(args, 'ts'))
  if (thread.length === 0) refuse('thread_not_found')
  return page(thread, slack.messages.list(channel.id), args)
}

export function info(slack: Slack, args: Shape): Shape {
  return { channel: describe(slack, channelById(slack.workspace, required(args, 'channel'))) }
}

export function list(slack: Slack): Shape {
  return {
    channels: [...slack.workspace.channels.values()]
      .filter(({ user }) => user === undefined)
      .map((channel) => describe(slack, channel)),
  }
}

export function members(slack: Slack, args: Shape): Shape {
  const channel = channelById(slack.workspace, required(args, 'channel'))
  const people = slack.workspace.people
    .map(({ id }) => id)
    .filter((id) => channel.user === undefined || channel.user === id)
  return { members: [...people, slack.workspace.bot.user], response_metadata: { next_cursor: '' } }
}

export function open(slack: Slack, args: Shape): Shape {
  return { channel: describe(slack, resolveChannel(slack.workspace, required(args, 'users'))) }
}

function describe(slack: Slack, { id, name, user }: Channel): Shape {
  const kind = user === undefined
  return {
    id,
    ...(kind ? { name, name_normalized: name } : { user }),
    is_channel: kind,
    is_im: !kind,
    is_private: !kind,
    is_archived: false,
    is_member: true,
    context_team_id: slack.workspace.team.id,
    creator: slack.workspace.people[0]?.id ?? '',
  }
}

/** `oldest` and `latest` leave out their own edge unless `inclusive`; the cursor is where the next page starts. */
function page(messages: readonly Message[], channel: readonly Message[], args: Shape): Shape {
  const limit = Math.min(Math.max(Number(text(args, 'limit') || 100), 1), 999)
  const inclusive = flag(args, 'inclusive')
  const oldest = text(args, 'oldest') || '0'
  const latest = text(args, 'latest')
  const within = ({ ts }: Message): boolean =>
    (compare(ts, oldest) > 0 || (inclusive && ts === oldest)) &&
    (latest === '' || compare(ts, latest) < 0 || (inclusive && ts === latest))
  const start = Number(Buffer.from(text(args, 'cursor'), 'base64').toString() || 0)
  if (!Number.isInteger(start)) refuse('invalid_cursor')
  const found = messages.filter(within)
  const more = found.length > start + limit
  const shown = found.slice(start, start + limit).map((message) => withThread(message, channel))
  return {
    messages: flag(args, 'include_all_metadata') ? shown : shown.map(({ metadata: _metadata, ...rest }) => rest),
    has_more: more,
    ...(more ? { response_metadata: { next_cursor: Buffer.from(String(start + limit)).toString('base64') } } : {}),
  }
}

function compare(a: string, b: string): number {
  const [left, right] = [Number(a), Number(b)]
  return left - right
}
