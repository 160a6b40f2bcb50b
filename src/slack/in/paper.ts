import type { Web } from '../announce/web.js'
import { section } from '../messages/blocks.js'
import { clipped, escaped } from '../messages/say.js'
import type { Reply } from './command.js'

/** A text too long for a message, and the name that it has as a file. */
export interface Paper {
  readonly name: string
  readonly text: string
}

/** Put into the channel as a file, for all to keep; where Slack takes no files, its beginning, and how to have it whole. */
export async function paperAnswer(
  web: Pick<Web, 'share'>,
  channel: string,
  { name, text }: Paper,
  { title, command }: { readonly title: string; readonly command: string },
): Promise<Reply> {
  const shared = await web.share({ name, title, text }, channel)
  if (shared.is === 'ok') return { text: `${escaped(name)} is in <#${channel}>.` }
  const why = shared.is === 'later' ? 'Slack asks to wait' : shared.why
  const how = `It could not be shared as a file (${escaped(why)}). \`${command}\` on the command line prints it whole. It begins:`
  return {
    text: how,
    blocks: [section(how), section(`\`\`\`\n${clipped(escaped(text).replaceAll('```', "'''"), 2700)}\n\`\`\``, 2900)],
  }
}
