import type { PlaceDeps, Placed } from './place.js'
import type { Shown, ShownNow } from './shown.js'
import type { Place } from './web.js'

const againMs = 1000

/** A post that seemed lost may arrive late: then there are two, and the one that is not known here goes. */
export async function secondCopies(
  deps: PlaceDeps,
  shown: ShownNow,
  key: string,
  known: Shown,
  now: number,
): Promise<Placed> {
  if (known.doubtAt === undefined) return { againMs: null }
  if (now < known.doubtAt) return { againMs: known.doubtAt - now }
  const seen = await deps.web.labelled(known.channel, deps.migration, Number(known.ts) * 1000 - 60_000)
  if (seen.is === 'later' || seen.is === 'unknown') return { againMs }
  const copies = seen.is === 'ok' ? seen.value.filter((one) => one.key === key && one.ts !== known.ts) : []
  for (const { ts } of copies) await deps.web.remove({ channel: known.channel, ts })
  const { doubtAt: _, ...rest } = known
  await shown.setMessage(key, rest)
  return { againMs: null }
}

/**
 * This bot posted, and meanwhile another took the message over: this one was paused for longer than anybody waits. Unless it is
 * this very post that the other found, it is a second copy, and nobody else would look for it so late.
 */
export async function lateCopy(deps: PlaceDeps, shown: ShownNow, key: string, posted: Place): Promise<Placed> {
  const stands = await shown.messageNow(key)
  // The other is about to post: it did so in doubt, and will look for copies itself.
  if (stands?.ts === null) return { againMs }
  if (stands?.ts !== posted.ts) await deps.web.remove(posted)
  return { againMs }
}

/** This bot's update came after another's, so what Slack shows may be the older of the two: it is sent once more. */
export async function lateUpdate(shown: ShownNow, key: string): Promise<Placed> {
  const stands = await shown.messageNow(key)
  if (stands?.ts) await shown.setMessage(key, { ...stands, content: '' })
  return { againMs }
}
