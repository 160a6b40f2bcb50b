import type { Message } from '../messages/message.js'
import { plainest } from './dress.js'
import type { Content, Outcome } from './web.js'

const turnedAway = ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'invalid_attachments']

/** Blocks that Slack turns away go again without pictures, then as the bare sentence with its buttons. */
export async function withFallback<T>(
  deps: { readonly log: (text: string) => void },
  message: Message,
  content: Content,
  send: (content: Content) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const simpler = [
    content,
    { ...content, blocks: content.blocks.filter((block) => block.type !== 'image') },
    plainest(message),
  ]
  let sent: Outcome<T> = { is: 'unknown', why: 'not sent' }
  for (const some of simpler) {
    sent = await send(some)
    if (sent.is !== 'refused' || !turnedAway.includes(sent.code)) return sent
    deps.log(`Slack turned the blocks of ${message.key} away: ${sent.why}`)
  }
  return sent
}
