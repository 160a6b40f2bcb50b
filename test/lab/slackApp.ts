import bolt from '@slack/bolt'
import { startSlack } from '../../lab/slack/index.js'

const { App, LogLevel } = bolt
export type BoltApp = InstanceType<typeof App>

export type Running = Awaited<ReturnType<typeof startSlack>>

export function startedSlack(): Promise<Running> {
  return startSlack()
}

/** A Bolt app as Floodgate's is made, in Socket Mode. */
export function socketApp({ description: { api, botToken, appToken } }: Running): BoltApp {
  return new App({
    token: botToken,
    appToken,
    socketMode: true,
    clientOptions: { slackApiUrl: api },
    logLevel: LogLevel.ERROR,
  })
}

/** The same behind a request URL. */
export function httpApp({ description: { api, botToken, signingSecret } }: Running): BoltApp {
  return new App({ token: botToken, signingSecret, clientOptions: { slackApiUrl: api }, logLevel: LogLevel.ERROR })
}

/** `/migrate` posts a step; Approve updates it; Abort asks for a reason in a modal, and whispers it back. */
export function addSteps(app: BoltApp): void {
  app.command('/migrate', async ({ command, ack, client }) => {
    await ack()
    await client.chat.postMessage({
      channel: command.channel_id,
      text: 'Step 1 waits for approval',
      blocks: step('Stop the mirror', true),
    })
  })
  app.action('approve', async ({ ack, body, client }) => {
    await ack()
    if (body.type !== 'block_actions' || body.message === undefined || body.channel === undefined) return
    const text = `Step 1 approved by <@${body.user.id}>`
    await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text, blocks: step(text, false) })
  })
  app.action('abort', async ({ ack, body, client }) => {
    await ack()
    if (body.type === 'block_actions')
      await client.views.open({ trigger_id: body.trigger_id, view: reasonView(body.channel?.id ?? '') })
  })
  app.view('abort', async ({ ack, view, body, client }) => {
    const reason = view.state.values.reason?.text?.value ?? ''
    if (reason.length < 5) return ack({ response_action: 'errors', errors: { reason: 'Say more than that.' } })
    await ack()
    await client.chat.postEphemeral({ channel: view.private_metadata, user: body.user.id, text: `Aborted: ${reason}` })
  })
}

function step(title: string, open: boolean) {
  const section = { type: 'section', text: { type: 'mrkdwn', text: title } }
  const button = (name: string, style: 'primary' | 'danger') => ({
    type: 'button',
    action_id: name.toLowerCase(),
    style,
    text: { type: 'plain_text', text: name },
    value: '1:1',
  })
  const actions = {
    type: 'actions',
    block_id: `decide-${open}`,
    elements: [button('Approve', 'primary'), button('Abort', 'danger')],
  }
  return open ? [section, actions] : [section]
}

function reasonView(channel: string) {
  return {
    type: 'modal' as const,
    callback_id: 'abort',
    private_metadata: channel,
    title: { type: 'plain_text' as const, text: 'Abort' },
    submit: { type: 'plain_text' as const, text: 'Abort' },
    blocks: [
      {
        type: 'input',
        block_id: 'reason',
        label: { type: 'plain_text', text: 'Reason' },
        element: { type: 'plain_text_input', action_id: 'text' },
      },
    ],
  }
}
