import type { Channel, Message as MessageOf } from '../types.js'
import { Message } from './Message.js'
import { dayOf, type Shown } from './seen.js'

const groupedWithinSeconds = 300

export function MessageList({
  messages,
  channel,
  inThread = false,
}: {
  readonly messages: readonly Shown[]
  readonly channel: Channel & { readonly messages: readonly MessageOf[] }
  readonly inThread?: boolean
}) {
  return (
    <ol className="messages" aria-live="polite">
      {messages.map((message, index) => {
        const before = messages[index - 1]
        const newDay = before === undefined || dayOf(before.ts) !== dayOf(message.ts)
        return (
          <li key={message.ts}>
            {newDay && !inThread ? <div className="day">{dayOf(message.ts)}</div> : null}
            <Message
              message={message}
              channel={channel}
              continued={!newDay && follows(before, message)}
              replies={
                inThread
                  ? []
                  : channel.messages.filter(({ ts, thread_ts }) => thread_ts === message.ts && ts !== message.ts)
              }
            />
          </li>
        )
      })}
    </ol>
  )
}

/** Slack shows the author once for messages in a row. */
function follows(before: Shown | undefined, message: Shown): boolean {
  if (before === undefined || before.to !== message.to || before.to !== undefined) return false
  return before.user === message.user && Number(message.ts) - Number(before.ts) < groupedWithinSeconds
}
