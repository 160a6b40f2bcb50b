import type { WebClient } from '@slack/web-api'
import type { Reply } from './command.js'

/** Says something to one person alone, where that person is. That it could not be said is worth a line, and no more. */
export function whisper(
  client: WebClient,
  channel: string,
  user: string,
  warn: (text: string) => void,
): (reply: Reply) => Promise<void> {
  return async ({ text, blocks }) => {
    try {
      await client.chat.postEphemeral({ channel, user, text, ...(blocks ? { blocks: [...blocks] } : {}) })
    } catch (error) {
      warn(`an answer could not be given: ${error instanceof Error ? error.message : 'no answer'}`)
    }
  }
}
