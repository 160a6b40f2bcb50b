import { useLayoutEffect, useRef } from 'react'
import type { Channel as ChannelOf, Message } from '../types.js'
import { Composer } from './Composer.js'
import { MessageList } from './MessageList.js'
import { seenIn } from './seen.js'
import { useVisit } from './visit.js'

export function Channel({
  channel,
  openMenu,
}: {
  readonly channel: ChannelOf & { readonly messages: readonly Message[] }
  openMenu(): void
}) {
  const { state, person } = useVisit()
  const seen = seenIn(state, channel, person.id).filter(
    ({ ts, thread_ts, subtype }) => thread_ts === undefined || thread_ts === ts || subtype !== undefined,
  )
  const scroll = useStickToEnd(seen)
  const title = channel.user === undefined ? `#${channel.name}` : state.bot.name
  return (
    <main className="channel">
      <header>
        <button type="button" className="menu" onClick={openMenu} aria-label="Menu">
          ☰
        </button>
        <h2>{title}</h2>
        <span className="faint">
          {channel.user === undefined ? `${state.people.length + 1} members` : 'Direct message'}
        </span>
      </header>
      <div className="scroll" ref={scroll}>
        {seen.length === 0 ? (
          <p className="beginning">This is the very beginning of {title}. Type /migrate help to start.</p>
        ) : null}
        <MessageList messages={seen} channel={channel} />
      </div>
      <Composer channel={channel.id} label={`Message ${title}`} />
    </main>
  )
}

/** Keeps the newest message in sight, unless the reader has scrolled away from it. */
function useStickToEnd(content: readonly unknown[]) {
  const scroll = useRef<HTMLDivElement>(null)
  const stuck = useRef(true)
  useLayoutEffect(() => {
    const element = scroll.current
    if (element === null) return
    let last = 0
    // Only a reader scrolls up; a picture that arrives moves the end away, and must not look like one.
    const follow = (): void => {
      const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < 80
      stuck.current = isNear || (stuck.current && element.scrollTop >= last)
      last = element.scrollTop
    }
    const stick = (): void => {
      if (stuck.current) element.scrollTop = element.scrollHeight
    }
    const grow = new ResizeObserver(stick)
    element.addEventListener('scroll', follow)
    element.addEventListener('load', stick, true)
    for (const child of element.children) grow.observe(child)
    return () => {
      element.removeEventListener('scroll', follow)
      element.removeEventListener('load', stick, true)
      grow.disconnect()
    }
  }, [])
  useLayoutEffect(() => {
    if (content.length > 0 && stuck.current && scroll.current) scroll.current.scrollTop = scroll.current.scrollHeight
  }, [content])
  return scroll
}
