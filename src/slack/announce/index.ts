import type { Message } from '../messages/message.js'
import { picturesOf } from './dress.js'
import { type FileDeps, tendFile } from './files.js'
import { type PictureDeps, tendPicture } from './pictures.js'
import { type PlaceDeps, type Placed, place, retire, sooner } from './place.js'
import { readShown, type ShownNow, type ShownStore } from './shown.js'
import type { Web } from './web.js'

export interface AnnounceDeps extends PlaceDeps, PictureDeps, FileDeps {
  readonly web: Web
  readonly shown: ShownStore
  /** Everything that the channel should show now, and the log's version it was drawn from. */
  readonly render: () => Promise<{ readonly version: number; readonly messages: ReadonlyMap<string, Message> }>
  readonly now: () => number
}

/** Milliseconds after which there is more to do without any new event, or `done`. */
export type Announced = 'done' | { readonly againMs: number }

/** Makes the channel agree with the log: one pass, safe to repeat, to interrupt, and to run in two bots at once. */
export function createAnnounce(deps: AnnounceDeps): () => Promise<Announced> {
  let running: Promise<Announced> | null = null
  let missed = false
  const run = async (): Promise<Announced> => {
    let announced: Announced
    do {
      missed = false
      announced = await pass(deps)
    } while (missed)
    return announced
  }
  return () => {
    if (running) missed = true
    else running = run().finally(() => (running = null))
    return running
  }
}

async function pass(deps: AnnounceDeps): Promise<Announced> {
  const { version, messages } = await deps.render()
  const shown = await readShown(deps.shown)
  let due: Placed = { againMs: null }
  let inDoubt = false
  for (const message of inOrder([...messages.values()], shown)) {
    // After an outage the channel reads in the order in which things happened: nothing new comes before what may yet have to be posted again.
    if (inDoubt && !shown.message(message.key)) continue
    due = sooner(due, await place(deps, shown, message, version, deps.now()))
    if (due.stop) return announced(due)
    inDoubt ||= shown.message(message.key)?.ts === null
  }
  for (const key of shown.keys().filter((key) => !messages.has(key))) {
    due = sooner(due, await retire(deps, shown, key, version, deps.now()))
    if (due.stop) return announced(due)
  }
  due = sooner(due, await tendPictures(deps, shown, messages))
  return announced(due.againMs === 0 ? due : sooner(due, await tendFiles(deps, shown, messages)))
}

/** As with pictures: one file in a pass, since nobody who is asked should wait for it. */
async function tendFiles(deps: AnnounceDeps, shown: ShownNow, messages: ReadonlyMap<string, Message>): Promise<Placed> {
  let due: Placed = { againMs: null }
  for (const message of messages.values())
    for (const file of message.files ?? []) {
      const stands = shown.message(message.key)
      if (!stands?.ts) continue
      const thread = { channel: stands.channel, ts: stands.ts }
      const { again, sent } = await tendFile(deps, shown, file, thread, deps.now())
      due = sooner(due, { againMs: again })
      if (sent) return due
    }
  return due
}

/** At most one picture is drawn in a pass: a question that has come up meanwhile must not wait for all of them. */
async function tendPictures(
  deps: AnnounceDeps,
  shown: ShownNow,
  messages: ReadonlyMap<string, Message>,
): Promise<Placed> {
  let due: Placed = { againMs: null }
  for (const message of messages.values())
    for (const picture of picturesOf(message)) {
      if (!shown.message(message.key)?.ts) continue
      const { again, drew } = await tendPicture(deps, shown, picture, deps.now())
      due = sooner(due, { againMs: again })
      if (drew) return { againMs: 0 }
    }
  return due
}

/** What waits for a person goes first, then the board; new messages keep the order in which things happened. */
function inOrder(messages: readonly Message[], shown: ShownNow): readonly Message[] {
  const firstNew = messages.find((message) => !shown.message(message.key))
  const weight = (message: Message): number => {
    if (shown.message(message.key)) return message.asks ? 0 : message.key.startsWith('board/') ? 1 : 3
    return message.asks && message === firstNew ? 0 : 2
  }
  return [...messages].sort((a, b) => weight(a) - weight(b))
}

const leastMs = 50
const announced = ({ againMs }: Placed): Announced =>
  againMs === null ? 'done' : { againMs: Math.max(leastMs, Math.ceil(againMs)) }
