import type { FileRequest } from '../../run/files.js'
import type { AttachedFile } from '../messages/message.js'
import { escaped } from '../messages/say.js'
import type { ShownNow } from './shown.js'
import type { Outcome, Place, Web } from './web.js'

export interface FileDeps {
  readonly web: Pick<Web, 'share' | 'reply'>
  /** The text of a file, made when it is sent; null: there is nothing to send any more. */
  readonly file: (request: FileRequest) => Promise<string | null>
  readonly log: (text: string) => void
}

/** While a file is on its way, nobody else sends it. */
const sentWithinMs = 20_000
/** A message's text may hold 40,000 characters. */
const longestReply = 30_000

/** Puts one file into the thread of its message, once. In how many milliseconds to come back; null: never. */
export async function tendFile(
  { web, file, log }: FileDeps,
  shown: ShownNow,
  attached: AttachedFile,
  thread: Place,
  now: number,
): Promise<{ readonly again: number | null; readonly sent: boolean }> {
  const known = shown.file(attached.key)
  if (known?.done) return { again: null, sent: false }
  if (known && now < known.freeAt) return { again: known.freeAt - now, sent: false }
  const mark = { done: false, freeAt: now + sentWithinMs }
  if (!(await shown.setFile(attached.key, mark))) return { again: sentWithinMs, sent: false }
  const text = await file(attached.of)
  const outcome = text ? await send(web, attached, text, thread, log) : null
  switch (outcome?.is) {
    case 'later':
      await shown.setFile(attached.key, null)
      return { again: outcome.againMs, sent: false }
    case 'unknown':
      log(`${attached.name} may not have arrived: ${outcome.why}`)
      return { again: sentWithinMs, sent: true }
    case 'refused':
      log(`${attached.name} could not be put into its thread: ${outcome.why}`)
  }
  await shown.setFile(attached.key, { done: true, freeAt: 0 })
  return { again: 0, sent: true }
}

/** Where files are turned away, the text itself goes into the thread, as much of it as a message holds. */
async function send(
  web: FileDeps['web'],
  { name, title, command }: AttachedFile,
  text: string,
  thread: Place,
  log: FileDeps['log'],
): Promise<Outcome<null>> {
  const shared = await web.share({ name, title, text }, thread.channel, thread.ts)
  if (shared.is !== 'refused') return shared
  log(`${name} is posted as text: ${shared.why}`)
  const body = escaped(text).replaceAll('```', "'''")
  const cut = body.length > longestReply ? `\n… cut here; on the command line \`${command}\` prints it whole.` : ''
  return web.reply(thread, `${escaped(title)}\n\`\`\`\n${body.slice(0, longestReply)}\n\`\`\`${cut}`)
}
