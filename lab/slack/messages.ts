import { refuse } from './refusal.js'
import type { Channel, Message } from './types.js'
import type { Workspace } from './workspace.js'

/** The channels' messages, oldest first. */
export interface Messages {
  post(channel: string, message: Omit<Message, 'type' | 'ts'>): Message
  find(channel: string, ts: string): Message
  replace(channel: string, ts: string, change: (message: Message) => Message): Message
  remove(channel: string, ts: string): void
  /** All of a channel, or one thread of it with its parent first. */
  list(channel: string, thread?: string): readonly Message[]
}

export function createMessages(
  workspace: Workspace,
  kept: Readonly<Record<string, readonly Message[]>> = {},
): Messages {
  const byChannel = new Map<string, Message[]>(
    Object.entries(kept).map(([channel, messages]) => [channel, [...messages]]),
  )
  const of = (channel: string): Message[] => {
    if (!workspace.channels.has(channel)) refuse('channel_not_found')
    const messages = byChannel.get(channel) ?? []
    byChannel.set(channel, messages)
    return messages
  }
  const indexOf = (channel: string, ts: string): number => {
    const index = of(channel).findIndex((message) => message.ts === ts)
    return index >= 0 ? index : refuse('message_not_found')
  }
  return {
    post(channel, message) {
      const posted: Message = { type: 'message', ts: workspace.ts(), ...message }
      of(channel).push(posted)
      workspace.changed()
      return posted
    },
    find: (channel, ts) => of(channel)[indexOf(channel, ts)]!,
    replace(channel, ts, change) {
      const index = indexOf(channel, ts)
      const replaced = change(of(channel)[index]!)
      of(channel)[index] = replaced
      workspace.changed()
      return replaced
    },
    remove(channel, ts) {
      of(channel).splice(indexOf(channel, ts), 1)
      workspace.changed()
    },
    list: (channel, thread) =>
      thread === undefined
        ? of(channel)
        : of(channel).filter(({ ts, thread_ts }) => ts === thread || thread_ts === thread),
  }
}

/** Only posting takes a channel's name; everything else wants its id. */
export function channelById(workspace: Workspace, id: string): Channel {
  return workspace.channels.get(id) ?? refuse('channel_not_found')
}

/** An id, a `#name`, or a person's id, with whom it then opens a direct message. */
export function resolveChannel(workspace: Workspace, asked: string): Channel {
  const known = [...workspace.channels.values()].find(
    ({ id, name, user }) => id === asked || `#${name}` === asked || name === asked || user === asked,
  )
  if (known !== undefined) return known
  const person = workspace.people.find(({ id }) => id === asked)
  if (person === undefined) return refuse('channel_not_found')
  const direct: Channel = { id: `D${person.id.slice(1)}`, name: person.name, user: person.id }
  workspace.channels.set(direct.id, direct)
  return direct
}

/** A message as the Web API shows it, a parent with what Slack counts about its thread. */
export function withThread(message: Message, channel: readonly Message[]): Message & Record<string, unknown> {
  const replies = channel.filter(({ ts, thread_ts }) => thread_ts === message.ts && ts !== message.ts)
  const last = replies.at(-1)
  if (last === undefined) return { ...message }
  const people = [...new Set(replies.map(({ user }) => user))]
  return {
    ...message,
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users_count: people.length,
    reply_users: people,
    latest_reply: last.ts,
  }
}
