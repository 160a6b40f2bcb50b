import type { Message } from '../messages/message.js'
import { lateCopy, lateUpdate, secondCopies } from './copies.js'
import { contentDigest, dressed, farewell } from './dress.js'
import { withFallback } from './fallback.js'
import type { Shown, ShownNow } from './shown.js'
import type { Content, Outcome, Web } from './web.js'

export interface PlaceDeps {
  readonly web: Pick<Web, 'post' | 'update' | 'remove' | 'labelled'>
  readonly migration: string
  readonly channel: string
  readonly log: (text: string) => void
}

/** What came of one message: nothing left to do, or when to come back; `stop`: Slack wants to be left alone until then. */
export type Placed = { readonly againMs: number | null; readonly stop?: boolean }

const settled: Placed = { againMs: null }
const gapMs = 1000
/** Figures that move while the log stands still are worth fewer calls. */
const liveGapMs = 3000
const postWithinMs = 8000
const doubtMs = 10_000
const downMs = 1000
const deafMs = 30_000

/** Makes Slack agree with one message: posts it, updates it, or looks whether an earlier post arrived. */
export async function place(
  deps: PlaceDeps,
  shown: ShownNow,
  message: Message,
  version: number,
  now: number,
): Promise<Placed> {
  const known = shown.message(message.key)
  const content = dressed(message, shown)
  const wanted = { content: contentDigest(content), version, ...(message.over ? { over: message.over } : {}) }
  if (!known) return post(deps, shown, message, content, wanted, now)
  if (known.version > version) return settled
  if (known.ts === null) {
    const wait = (known.freeAt ?? 0) - now
    return wait > 0 ? { againMs: wait } : recover(deps, shown, message, content, wanted, known, now)
  }
  const doubt = await secondCopies(deps, shown, message.key, known, now)
  if (known.content === wanted.content) return doubt
  const gap = known.sentAt + (known.version < version || message.asks ? gapMs : liveGapMs) - now
  if (gap > 0) return { againMs: gap }
  return sooner(doubt, await update(deps, shown, message, content, wanted, now))
}

/** A message that is no longer wanted loses its buttons and says why. */
export async function retire(
  deps: PlaceDeps,
  shown: ShownNow,
  key: string,
  version: number,
  now: number,
): Promise<Placed> {
  const known = shown.message(key)
  if (!known?.over || known.ts === null || known.version > version) return settled
  const { over, doubtAt: _, ...rest } = known
  const content = farewell(over)
  const sent = await deps.web.update({ channel: known.channel, ts: known.ts }, content, {
    migration: deps.migration,
    key,
  })
  if (sent.is === 'ok' || sent.is === 'refused') {
    const kept = await shown.setMessage(key, { ...rest, content: contentDigest(content), version, sentAt: now })
    return kept ? settled : lateUpdate(shown, key)
  }
  return pause(deps, sent, key)
}

type Wanted = Pick<Shown, 'content' | 'version' | 'over'>

/** The mark comes first: whoever finds it without a `ts` knows that a post may have been made. */
async function post(
  deps: PlaceDeps,
  shown: ShownNow,
  message: Message,
  content: Content,
  wanted: Wanted,
  now: number,
  again = false,
): Promise<Placed> {
  const mark: Shown = { ...wanted, ts: null, channel: deps.channel, sentAt: now, freeAt: now + postWithinMs }
  if (!(await shown.setMessage(message.key, mark))) return { againMs: postWithinMs }
  const sent = await withFallback(deps, message, content, (some) =>
    deps.web.post(deps.channel, some, { migration: deps.migration, key: message.key }),
  )
  switch (sent.is) {
    case 'ok': {
      const doubt = again ? { doubtAt: now + doubtMs } : {}
      const kept = await shown.setMessage(message.key, { ...wanted, ...sent.value, sentAt: now, ...doubt })
      if (!kept) return lateCopy(deps, shown, message.key, sent.value)
      return again ? { againMs: doubtMs } : settled
    }
    case 'unknown':
      await shown.setMessage(message.key, { ...mark, freeAt: now + downMs })
      return pause(deps, sent, message.key)
    default:
      await shown.setMessage(message.key, null)
      return pause(deps, sent, message.key)
  }
}

async function update(
  deps: PlaceDeps,
  shown: ShownNow,
  message: Message,
  content: Content,
  wanted: Wanted,
  now: number,
): Promise<Placed> {
  const known = shown.message(message.key)
  if (!known?.ts) return settled
  const where = { channel: known.channel, ts: known.ts }
  const sent = await withFallback(deps, message, content, (some) =>
    deps.web.update(where, some, { migration: deps.migration, key: message.key }),
  )
  if (sent.is === 'ok') {
    const { over: _, ...rest } = known
    const kept = await shown.setMessage(message.key, { ...rest, ...wanted, sentAt: now })
    return kept ? settled : lateUpdate(shown, message.key)
  }
  if (sent.is === 'refused' && sent.code === 'message_not_found')
    return post(deps, shown, message, content, wanted, now)
  return pause(deps, sent, message.key)
}

/** An earlier post of unknown outcome: the channel knows whether it arrived. */
async function recover(
  deps: PlaceDeps,
  shown: ShownNow,
  message: Message,
  content: Content,
  wanted: Wanted,
  known: Shown,
  now: number,
): Promise<Placed> {
  const seen = await deps.web.labelled(known.channel, deps.migration, known.sentAt - 60_000)
  if (seen.is === 'refused') {
    deps.log(`cannot look for ${message.key} in the channel (${seen.why}): it is posted again`)
    return post(deps, shown, message, content, wanted, now, true)
  }
  if (seen.is !== 'ok') return pause(deps, seen, message.key)
  const [first] = seen.value.filter(({ key }) => key === message.key)
  if (!first) return post(deps, shown, message, content, wanted, now, true)
  const found: Shown = {
    ...wanted,
    ts: first.ts,
    channel: known.channel,
    content: '',
    sentAt: known.sentAt,
    doubtAt: now,
  }
  return (await shown.setMessage(message.key, found))
    ? place(deps, shown, message, wanted.version, now)
    : { againMs: gapMs }
}

function pause(deps: PlaceDeps, sent: Exclude<Outcome<unknown>, { is: 'ok' }>, key: string): Placed {
  if (sent.is === 'later') return { againMs: sent.againMs, stop: true }
  if (sent.is === 'unknown') return { againMs: downMs, stop: true }
  deps.log(
    `Slack does not take ${key}: ${sent.why}. Check that the bot is a member of ${deps.channel} and has the scopes of manifest.yaml`,
  )
  return { againMs: deafMs }
}

export const sooner = (a: Placed, b: Placed): Placed => ({
  againMs: a.againMs === null ? b.againMs : b.againMs === null ? a.againMs : Math.min(a.againMs, b.againMs),
  ...(a.stop || b.stop ? { stop: true } : {}),
})
