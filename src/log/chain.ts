import { headsOf } from '../run/adoption.js'
import type { Author, Entry, Event } from '../run/events.js'
import { digest, type Json } from '../runbook/json.js'

/** Turns events into entries, each holding the hash of the one before it. */
export function chain(
  head: { version: number; head: string },
  events: readonly Event[],
  by: Author,
  at: number,
): readonly Entry[] {
  let { version, head: prev } = head
  return events.map((event) => {
    version += 1
    const open = { v: 1 as const, version, at, by, event, prev }
    const hash = digest(open as unknown as Json)
    prev = hash
    return { ...open, hash }
  })
}

export type Broken = { readonly version: number; readonly why: string }

/** The first entry that was changed, removed or moved; or a head that was posted and is no longer in the log: a cut tail. */
export function verify(
  entries: readonly Entry[],
  posted: readonly { version: number; head: string }[] = [],
): Broken | null {
  let prev = ''
  for (const [i, entry] of entries.entries()) {
    const { hash, ...open } = entry
    if (entry.version !== i + 1)
      return { version: i + 1, why: `event ${i + 1} is missing: event ${entry.version} stands in its place` }
    if (entry.prev !== prev)
      return { version: entry.version, why: `event ${entry.version} does not follow the one before it` }
    if (digest(open as unknown as Json) !== hash)
      return { version: entry.version, why: `event ${entry.version} was changed after it was written` }
    prev = hash
  }
  for (const head of posted) {
    const entry = entries[head.version - 1]
    if (!entry)
      return {
        version: entries.length + 1,
        why: `the log ends at ${entries.length}, but head ${head.version} was posted: its tail was cut off`,
      }
    if (entry.hash !== head.head)
      return { version: head.version, why: `event ${head.version} is not the one whose hash was posted` }
  }
  return null
}

/** A head that was posted outside of Redis, and where. */
export interface PostedHead {
  readonly version: number
  readonly head: string
  readonly where: string
}

/** What verifying found, as a sentence for people. `unread`: why a place of posted heads could not be asked. */
export function wholeness(
  entries: readonly Entry[],
  posted: readonly PostedHead[] = [],
  unread: readonly string[] = [],
): string {
  const given = adoptedHeads(entries)
  const own = posted.filter(({ head }) => !given.has(head))
  const broken = verify(entries, own)
  const last = entries.at(-1)
  const against = [
    ...(posted.length
      ? [`Heads compared: ${posted.map((one) => `${one.where} (version ${one.version})`).join(', ')}.`]
      : []),
    ...unread.map((why) => `Not compared: ${why}`),
  ]
  const lost = !last && own.length ? ' If Redis was lost, adopt takes over what the clusters remember.' : ''
  const found = broken
    ? `The log is broken: ${broken.why}.${lost}`
    : last
      ? `The log is whole: ${entries.length} events, each with the hash of the one before it; head ${last.hash.slice(0, 16)}.`
      : 'The log is empty.'
  return [found, ...against].join(' ')
}

/** Heads of logs that this one took over from: they are not in it, and need not be. */
function adoptedHeads(entries: readonly Entry[]): ReadonlySet<string> {
  return new Set(
    entries.flatMap(({ event }) => (event.type === 'adopted' ? headsOf(event).map(({ head }) => head) : [])),
  )
}
