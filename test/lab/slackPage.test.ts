import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createCanvas } from '@napi-rs/canvas'
import { type Browser, chromium, type Page } from 'playwright-core'
import { createSlackPerson } from '../../lab/slack/client.js'
import { addSteps, type BoltApp, type Running, socketApp, startedSlack } from './slackApp.js'

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

// A browser on a busy machine takes its time.
jest.setTimeout(120_000)

let browser: Browser
let slack: Running
let app: BoltApp
let alice: Page
let errors: string[]

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags })
})
afterAll(() => browser.close())

beforeEach(async () => {
  slack = await startedSlack()
  app = socketApp(slack)
  addSteps(app)
  await app.start()
  errors = []
  alice = await openAs('U0ALICE')
})
afterEach(async () => {
  expect(errors).toEqual([])
  for (const context of browser.contexts()) await context.close()
  await app.stop()
  await slack.stop()
})

async function openAs(user: string, size = { width: 1280, height: 900 }): Promise<Page> {
  const context = await browser.newContext({ viewport: size })
  const page = await context.newPage()
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(`${slack.description.page}/?as=${user}`)
  await page.getByLabel('Message #kafka-migration').waitFor()
  return page
}

async function type(page: Page, text: string): Promise<void> {
  const composer = page.getByLabel('Message #kafka-migration')
  await composer.fill(text)
  await composer.press('Enter')
}

describe('a person at the page', () => {
  it('types a command, is asked for a reason, told what is wrong with it, and sees the whisper alone', async () => {
    const bob = await openAs('U0BOB')
    // The app has published none.
    expect(await alice.getByText('Home').count()).toBe(0)
    await alice.getByLabel('Message #kafka-migration').fill('/mi')
    await alice.getByText('help | status').waitFor()
    await type(alice, '/migrate cutover')
    await alice.getByRole('button', { name: 'Abort' }).click()
    const modal = alice.getByRole('dialog', { name: 'Abort' })
    // Enter means what is being typed, never the button that closes.
    await alice.waitForFunction('document.activeElement.getAttribute("aria-label") === "Reason"')
    await modal.getByRole('button', { name: 'Abort' }).click()
    await modal.getByText('Please complete this required field.').waitFor()
    await modal.getByLabel('Reason').fill('no')
    await modal.getByRole('button', { name: 'Abort' }).click()
    await modal.getByText('Say more than that.').waitFor()
    await modal.getByLabel('Reason').fill('the target is sick')
    await modal.getByRole('button', { name: 'Abort' }).click()
    await alice.getByText('Aborted: the target is sick').waitFor()
    await alice.getByText('Only visible to you').waitFor()
    expect(await modal.count()).toBe(0)

    await bob.getByRole('button', { name: 'Approve' }).click()
    await alice.getByText('approved by').waitFor()
    await alice.getByText('(edited)').waitFor()
    await alice.getByText('@Bob Platform').waitFor()
    expect(await bob.getByText('the target is sick').count()).toBe(0)
    expect(await alice.getByRole('button', { name: 'Approve' }).count()).toBe(0)
  })

  it('sees a picture that was uploaded and then named by a block, and reads the thread beside it', async () => {
    const { channel } = slack.description
    const parent = await app.client.chat.postMessage({ channel, text: 'Drain :white_check_mark:' })
    const canvas = createCanvas(40, 20)
    canvas.getContext('2d').fillRect(0, 0, 20, 20)
    const { files } = await app.client.filesUploadV2({
      channel_id: channel,
      thread_ts: parent.ts ?? '',
      file: canvas.toBuffer('image/png'),
      filename: 'lag.png',
    })
    const id = files[0]?.files?.[0]?.id ?? ''
    await createSlackPerson(slack.description.page, 'U0ALICE').waitFor((state) =>
      state.files.find((file) => file.id === id && file.ready),
    )
    const blocks = [{ type: 'image', slack_file: { id }, alt_text: 'Lag falls to zero' }]
    await app.client.apiCall('chat.postMessage', { channel, text: 'Lag', blocks })
    const picture = alice.getByAltText('Lag falls to zero')
    await picture.waitFor()
    expect(await picture.evaluate((image: { naturalWidth: number }) => image.naturalWidth)).toBe(40)
    await alice.getByText('1 reply').click()
    await alice.getByLabel('Thread').getByAltText('lag.png').waitFor()
  })

  it('confirms, chooses from a menu and a select, and the app hears each once', async () => {
    const { channel } = slack.description
    const heard: string[] = []
    app.action(/.*/, async ({ ack, action, client }) => {
      await ack()
      const chosen = 'selected_option' in action ? action.selected_option?.value : 'button'
      heard.push(`${'action_id' in action ? action.action_id : ''} ${chosen}`)
      await client.chat.postMessage({ channel, text: `heard ${heard.length}` })
    })
    const plain = (text: string) => ({ type: 'plain_text', text })
    const options = ['5 min', '15 min'].map((text) => ({ text: plain(text), value: text }))
    const confirm = {
      title: plain('Really?'),
      text: plain('Producers stop now.'),
      confirm: plain('Yes'),
      deny: plain('No'),
    }
    const elements = [
      { type: 'button', action_id: 'go', text: plain('Go'), confirm },
      { type: 'static_select', action_id: 'snooze', placeholder: plain('Snooze'), options },
      { type: 'overflow', action_id: 'more', options },
    ]
    await app.client.apiCall('chat.postMessage', { channel, text: 'x', blocks: [{ type: 'actions', elements }] })
    await alice.getByRole('button', { name: 'Go' }).click()
    await alice.getByRole('button', { name: 'No' }).click()
    await alice.getByRole('button', { name: 'Go' }).click()
    await alice.getByRole('button', { name: 'Yes' }).click()
    await alice.getByText('heard 1').waitFor()
    await alice.getByLabel('Snooze').selectOption('15 min')
    await alice.getByText('heard 2').waitFor()
    await alice.getByRole('button', { name: 'More actions' }).click()
    await alice.getByRole('menuitem', { name: '5 min', exact: true }).click()
    await alice.getByText('heard 3').waitFor()
    expect(heard).toEqual(['go button', 'snooze 15 min', 'more 5 min'])
  })

  it('has the channel on a phone without scrolling sideways', async () => {
    const phone = await openAs('U0EVE', { width: 360, height: 740 })
    await type(phone, '/migrate cutover')
    await phone.getByRole('button', { name: 'Approve' }).waitFor()
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(360)
    await phone.getByRole('button', { name: 'Menu' }).click()
    await phone.getByLabel('You are').selectOption('U0DANA')
    await phone.getByRole('button', { name: 'kafka-migration' }).click()
    await phone.getByRole('button', { name: 'Approve' }).click()
    await phone.getByText('@Dana Owner').waitFor()
  })
})
