import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createSlackPerson, type SlackPerson } from '../../lab/slack/client.js'
import { createSlackControl } from '../../lab/slack/control.js'
import { addSteps, type BoltApp, httpApp, type Running, socketApp, startedSlack } from './slackApp.js'

jest.setTimeout(60_000)

let slack: Running
let app: BoltApp
let alice: SlackPerson

beforeEach(async () => {
  slack = await startedSlack()
  alice = createSlackPerson(slack.description.page, 'U0ALICE')
})

afterEach(async () => {
  await app.stop()
  await slack.stop()
})

async function startIn(mode: 'Socket Mode' | 'HTTP mode'): Promise<void> {
  app = mode === 'Socket Mode' ? socketApp(slack) : httpApp(slack)
  addSteps(app)
  if (mode === 'Socket Mode') return void (await app.start())
  const server = await app.start(0)
  const { port } = server.address() as AddressInfo
  await createSlackControl(slack.description.page).setRequestUrl(`http://127.0.0.1:${port}/slack/events`)
}

describe.each(['Socket Mode', 'HTTP mode'] as const)('a Bolt app in %s', (mode) => {
  it('takes a person from a command through buttons and a modal to a whisper, and is refused nothing', async () => {
    await startIn(mode)
    await alice.command('/migrate cutover')
    const step = await alice.waitForMessage(({ text }) => text === 'Step 1 waits for approval')

    await alice.click(step, 'abort')
    const modal = await alice.waitForView()
    expect(await alice.submit(modal, { reason: null })).toEqual({ reason: 'Please complete this required field.' })
    expect(await alice.submit(modal, { reason: 'no' })).toEqual({ reason: 'Say more than that.' })
    expect(await alice.submit(modal, { reason: 'the target is sick' })).toEqual({})
    const whisper = await alice.waitForMessage(({ text }) => text === 'Aborted: the target is sick')
    expect(whisper.to).toBe('U0ALICE')
    await alice.waitFor((state) => (state.views.U0ALICE?.length === 0 ? true : undefined))

    await createSlackPerson(slack.description.page, 'U0BOB').click(step, 'approve')
    const approved = await alice.waitForMessage(({ ts, text }) => ts === step.ts && text.includes('approved'))
    expect(approved.text).toBe('Step 1 approved by <@U0BOB>')
    expect(approved.edited).toBeDefined()
    const { refusals, deliveries } = await alice.state()
    expect(refusals).toEqual([])
    expect(deliveries.unanswered).toBe(0)
  })
})

describe('Socket Mode', () => {
  it('gives each payload to one of the connections only, and to the other when one has gone', async () => {
    app = socketApp(slack)
    const other = socketApp(slack)
    const heard: string[] = []
    for (const [name, each] of [
      ['one', app],
      ['two', other],
    ] as const) {
      each.command('/migrate', async ({ ack, command, say }) => {
        await ack()
        heard.push(name)
        await say(command.text)
      })
      await each.start()
    }
    for (const word of ['a', 'b', 'c', 'd']) await alice.command(`/migrate ${word}`)
    await alice.waitForMessage(({ text }) => text === 'd')
    expect(heard.toSorted()).toEqual(['one', 'one', 'two', 'two'])
    await other.stop()
    await alice.waitFor(({ connections }) => (connections === 1 ? true : undefined))
    await alice.command('/migrate e')
    await alice.waitForMessage(({ text }) => text === 'e')
    expect(heard.at(-1)).toBe('one')
  })

  it('tells the person when the app does not answer', async () => {
    app = socketApp(slack)
    app.command('/migrate', async () => {})
    await app.start()
    await alice.command('/migrate status')
    const notice = await alice.waitForMessage(({ text }) => text.includes('did not respond'))
    expect(notice.to).toBe('U0ALICE')
    expect((await alice.state()).deliveries.unanswered).toBe(1)
  })

  it('is connected again after Slack has asked for it', async () => {
    app = socketApp(slack)
    addSteps(app)
    await app.start()
    const before = (await alice.state()).calls['apps.connections.open']
    await createSlackControl(slack.description.page).endSockets('refresh')
    await alice.waitFor(
      ({ calls, connections }) => (calls['apps.connections.open'] !== before && connections === 1 ? true : undefined),
      15_000,
    )
    await alice.command('/migrate cutover')
    await alice.waitForMessage(({ text }) => text === 'Step 1 waits for approval')
  })

  it('delivers an interaction twice when told to', async () => {
    app = socketApp(slack)
    let times = 0
    app.command('/migrate', async ({ ack, say }) => {
      await ack()
      times += 1
      await say(`time ${times}`)
    })
    await app.start()
    await createSlackControl(slack.description.page).repeatNext(1)
    await alice.command('/migrate status')
    await alice.waitForMessage(({ text }) => text === 'time 2')
  })

  it('publishes a home for who opens it', async () => {
    app = socketApp(slack)
    app.event('app_home_opened', async ({ event, client }) => {
      await client.views.publish({
        user_id: event.user,
        view: { type: 'home', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'Welcome' } }] },
      })
    })
    await app.start()
    await alice.openHome()
    const home = await alice.waitFor(({ homes }) => homes.U0ALICE)
    expect(home.blocks).toMatchObject([{ text: { text: 'Welcome' } }])
  })
})

describe('answers to an interaction', () => {
  it('go to the person alone unless they say otherwise, and can take the place of what was clicked', async () => {
    app = socketApp(slack)
    const blocks = ['replace', 'delete', 'say'].map((id) => ({
      type: 'actions' as const,
      block_id: id,
      elements: [{ type: 'button' as const, action_id: id, text: { type: 'plain_text' as const, text: id } }],
    }))
    app.command('/migrate', ({ ack }) => ack({ text: 'choose', blocks }))
    app.action('replace', async ({ ack, respond }) => {
      await ack()
      await respond({ replace_original: true, text: 'replaced' })
    })
    app.action('say', async ({ ack, respond }) => {
      await ack()
      await respond({ response_type: 'in_channel', replace_original: false, text: 'said aloud' })
    })
    app.action('delete', async ({ ack, respond }) => {
      await ack()
      await respond({ delete_original: true })
    })
    await app.start()
    await alice.command('/migrate help')
    const whisper = await alice.waitForMessage(({ text }) => text === 'choose')
    expect(whisper.to).toBe('U0ALICE')
    await alice.click(whisper, 'say')
    const aloud = await createSlackPerson(slack.description.page, 'U0EVE').waitForMessage(
      ({ text }) => text === 'said aloud',
    )
    expect(aloud.to).toBeUndefined()
    await alice.click(whisper, 'replace')
    await alice.waitForMessage(({ ts, text }) => ts === whisper.ts && text === 'replaced')
    await alice.command('/migrate help')
    const second = await alice.waitForMessage(({ text }) => text === 'choose')
    await alice.click(second, 'delete')
    await alice.waitFor(({ ephemerals }) => (ephemerals.every(({ ts }) => ts !== second.ts) ? true : undefined))
  })

  it('push a second modal, replace it, hear that it was closed, and clear them all', async () => {
    app = socketApp(slack)
    const text = (words: string) => ({ type: 'plain_text' as const, text: words })
    const modal = (callback_id: string) => ({
      type: 'modal' as const,
      callback_id,
      title: text(callback_id),
      submit: text('Next'),
      notify_on_close: true,
      blocks: [],
    })
    const closed: string[] = []
    app.command('/migrate', async ({ ack, client, command }) => {
      await ack()
      await client.views.open({ trigger_id: command.trigger_id, view: modal('first') })
    })
    app.view('first', ({ ack }) => ack({ response_action: 'push', view: modal('second') }))
    app.view('second', ({ ack }) => ack({ response_action: 'update', view: modal('third') }))
    app.view('third', ({ ack }) => ack({ response_action: 'clear' }))
    app.view({ type: 'view_closed', callback_id: 'second' }, async ({ ack, view }) => {
      await ack()
      closed.push(view.callback_id)
    })
    await app.start()
    await alice.command('/migrate cutover')
    await alice.submit(await alice.waitForView(), {})
    await alice.close(await alice.waitForView(({ callback_id }) => callback_id === 'second'))
    expect(closed).toEqual(['second'])
    await alice.submit(await alice.waitForView(({ callback_id }) => callback_id === 'first'), {})
    await alice.submit(await alice.waitForView(({ callback_id }) => callback_id === 'second'), {})
    await alice.submit(await alice.waitForView(({ callback_id }) => callback_id === 'third'), {})
    expect((await alice.state()).views.U0ALICE).toEqual([])
  })
})
