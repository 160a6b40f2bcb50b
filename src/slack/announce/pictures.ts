import { createHash } from 'node:crypto'
import type { GraphRequest } from '../messages/message.js'
import type { PicturePlace } from './dress.js'
import type { Picture, ShownNow } from './shown.js'
import type { Web } from './web.js'

/** Draws a request: as a picture, or in words where pictures cannot be had. Null: there is nothing to draw yet. */
export interface Drawing {
  png(request: GraphRequest): Promise<Buffer | null>
  words(request: GraphRequest): Promise<string | null>
}

export interface PictureDeps {
  readonly web: Pick<Web, 'upload' | 'ready' | 'forget'>
  readonly drawing: Drawing
  readonly log: (text: string) => void
}

const refusedForMs = 600_000
const shakyForMs = 30_000
const notReadyAfterMs = 30_000
const pollMs = 300
const liveMs = 5000
/** Points that are not there so long after the end will not come. */
const lateMs = 60_000

/** One step further with one picture; never waits for Slack to work on it. `again`: in how many milliseconds there is more to do. */
export async function tendPicture(
  { web, drawing, log }: PictureDeps,
  shown: ShownNow,
  { key, graph }: PicturePlace,
  now: number,
): Promise<{ readonly again: number | null; readonly drew: boolean }> {
  const known = shown.picture(key) ?? empty
  const request = createHash('sha256').update(JSON.stringify(graph)).digest('hex')
  const refused = (shown.uploads()?.refusedUntil ?? 0) > now
  const give = async (code: string, forMs: number) => {
    log(`pictures are replaced by words for ${forMs / 1000} s: ${code}`)
    await shown.setUploads(now + forMs, code)
    await shown.setPicture(key, { ...known, drawn: '', drawnAt: 0, next: null })
    return { again: 0, drew: false }
  }

  if (known.next && !refused) {
    const ready = await web.ready(known.next)
    if (ready.is === 'later') return { again: ready.againMs, drew: false }
    if (ready.is === 'refused') return give(ready.why, refusedForMs)
    if (ready.is === 'unknown' || !ready.value)
      return now - known.drawnAt > notReadyAfterMs
        ? give('an uploaded file never became ready', shakyForMs)
        : { again: pollMs, drew: false }
    if (known.old) await web.forget(known.old)
    await shown.setPicture(key, { ...known, file: known.next, next: null, old: known.file, words: null })
    return { again: 0, drew: false }
  }

  const wait = dueIn(known, graph, request, now)
  if (wait === null || wait > 0) return { again: wait, drew: false }
  const drawn: Picture = { ...known, drawn: request, drawnAt: now, next: null }
  if (refused) {
    const words = await drawing.words(graph)
    await shown.setPicture(key, { ...drawn, file: null, words })
    return { again: words === known.words ? dueIn(drawn, graph, request, now) : 0, drew: false }
  }
  const png = await drawing.png(graph)
  if (!png) {
    await shown.setPicture(key, drawn)
    return { again: dueIn(drawn, graph, request, now), drew: false }
  }
  const sent = await web.upload(png, graph.title)
  if (sent.is === 'later') return { again: sent.againMs, drew: false }
  if (sent.is === 'refused') return give(sent.why, refusedForMs)
  if (sent.is === 'unknown') return give(sent.why, shakyForMs)
  await shown.setPicture(key, { ...drawn, next: sent.value })
  return { again: pollMs, drew: true }
}

const empty: Picture = { drawn: '', drawnAt: 0, file: null, next: null, old: null, words: null }

/** Milliseconds until it should be drawn again; null: never. A picture of a long time need not be redrawn as often. */
function dueIn(known: Picture, graph: GraphRequest, request: string, now: number): number | null {
  if (known.drawn !== request) return Math.max(0, known.drawnAt + 1000 - now)
  if (graph.until !== null && (known.file || known.next || known.words || now > graph.until + lateMs)) return null
  const gap = Math.max(liveMs, (now - graph.from) / 100)
  return Math.max(0, known.drawnAt + gap - now)
}
