import type { Channel, Message as MessageOf } from '../types.js'
import { Avatar, nameOf } from './Avatar.js'
import { Blocks } from './Blocks.js'
import { Files } from './Files.js'
import { act, useEntered } from './lab.js'
import { dayOf, type Shown, timeOf } from './seen.js'
import { useVisit } from './visit.js'

interface Props {
  readonly message: Shown
  readonly channel: Channel
  readonly continued: boolean
  readonly replies: readonly MessageOf[]
}

export function Message({ message, channel, continued, replies }: Props) {
  const { state, person, openThread } = useVisit()
  const [entered, enter] = useEntered()
  const ephemeral = message.to !== undefined
  const blocks = message.blocks?.length ? message.blocks : textBlocks(message)
  return (
    <article className={`message${continued ? ' continued' : ''}${ephemeral ? ' ephemeral' : ''}`} data-ts={message.ts}>
      {ephemeral ? <p className="only-you">Only visible to you</p> : null}
      <div className="gutter">
        {continued ? <time className="faint">{timeOf(message.ts)}</time> : <Avatar user={message.user} />}
      </div>
      <div className="body">
        {continued ? null : (
          <div className="by">
            <strong>{nameOf(state, message.user)}</strong>
            {message.bot_id ? <span className="badge">APP</span> : null}
            <time className="faint" title={`${dayOf(message.ts)} ${timeOf(message.ts)}`}>
              {timeOf(message.ts)}
            </time>
          </div>
        )}
        <Blocks
          blocks={blocks}
          entered={entered}
          enter={enter}
          use={(block, action, value, held) =>
            act('click', {
              user: person.id,
              channel: channel.id,
              ts: message.ts,
              block_id: block,
              action_id: action,
              value,
              entered: held,
            })
          }
        />
        {'files' in message && message.files ? <Files files={message.files} /> : null}
        {message.edited ? <span className="edited">(edited)</span> : null}
        {replies.length > 0 ? (
          <button type="button" className="replies" onClick={() => openThread(message.ts)}>
            <Avatar user={replies.at(-1)?.user ?? ''} small />
            <b>
              {replies.length} {replies.length === 1 ? 'reply' : 'replies'}
            </b>
            <span className="faint">Last reply at {timeOf(replies.at(-1)?.ts ?? '0')}</span>
          </button>
        ) : null}
      </div>
      <div className="tools">
        {ephemeral ? (
          <button type="button" onClick={() => void act('dismiss', { ts: message.ts })}>
            Dismiss
          </button>
        ) : (
          <button
            type="button"
            onClick={() => openThread(message.thread_ts ?? message.ts)}
            aria-label="Reply in thread"
          >
            Reply
          </button>
        )}
      </div>
    </article>
  )
}

function textBlocks({ text }: Shown) {
  return text === '' ? [] : [{ type: 'section', block_id: 'text', text: { type: 'mrkdwn', text } }]
}
