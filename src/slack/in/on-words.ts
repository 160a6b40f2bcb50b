import type { App } from '@slack/bolt'
import { answerWords } from './command.js'
import { inTime } from './in-time.js'
import type { SlackAppDeps } from './index.js'
import { whisper } from './whisper.js'

/** `/migrate …`. The answer is private; what changes is seen by all in the run's messages. */
export function onWords(app: App, deps: SlackAppDeps): void {
  app.command('/migrate', async ({ command, ack, client }) => {
    const { slow, reply } = answerWords(deps, { id: command.user_id, name: command.user_name }, command.text)
    const to = whisper(client, command.channel_id, command.user_id, deps.warn)
    if (slow) {
      await ack()
      return to(await reply)
    }
    await inTime(reply, {
      answer: async ({ text, blocks }) =>
        ack({ response_type: 'ephemeral', text, ...(blocks ? { blocks: [...blocks] } : {}) }),
      hold: () => ack({ response_type: 'ephemeral', text: 'Still waiting for the log. The answer follows.' }),
      later: to,
    })
  })
}
