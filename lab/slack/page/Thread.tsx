import type { Channel, Message } from '../types.js'
import { Composer } from './Composer.js'
import { MessageList } from './MessageList.js'
import { seenIn } from './seen.js'
import { useVisit } from './visit.js'

export function Thread({
  channel,
  ts,
  close,
}: {
  readonly channel: Channel & { readonly messages: readonly Message[] }
  readonly ts: string
  close(): void
}) {
  const { state, person } = useVisit()
  const thread = seenIn(state, channel, person.id).filter((message) => message.ts === ts || message.thread_ts === ts)
  return (
    <aside className="thread" aria-label="Thread">
      <header>
        <h2>Thread</h2>
        <span className="faint">#{channel.name}</span>
        <button type="button" onClick={close} aria-label="Close thread">
          ✕
        </button>
      </header>
      <div className="scroll">
        <MessageList messages={thread} channel={channel} inThread />
      </div>
      <Composer channel={channel.id} thread={ts} label="Reply…" />
    </aside>
  )
}
