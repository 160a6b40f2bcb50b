import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { LogLevel, WebClient, WebClientEvent } from '@slack/web-api'
import { createSlackPerson } from '../../lab/slack/client.js'
import { createSlackControl, type SlackControl } from '../../lab/slack/control.js'
import { startSlack } from '../../lab/slack/index.js'
import { type Running, startedSlack } from './slackApp.js'

let slack: Running
let control: SlackControl
let client: WebClient
let channel: string

beforeAll(async () => {
  slack = await startedSlack()
  control = createSlackControl(slack.description.page)
  channel = slack.description.channel
})
beforeEach(async () => {
  await control.heal()
  client = new WebClient(slack.description.botToken, {
    slackApiUrl: slack.description.api,
    logLevel: LogLevel.ERROR,
    timeout: 1000,
    retryConfig: { retries: 2, minTimeout: 1 },
  })
})
afterAll(() => slack.stop())

describe('messages', () => {
  it('are found again by their metadata, which is shown only to who asks for it', async () => {
    const metadata = { event_type: 'floodgate', event_payload: { key: 'board:7' } }
    const { ts } = await client.chat.postMessage({ channel, text: 'Board', metadata })
    const { messages } = await client.conversations.history({ channel, include_all_metadata: true })
    expect(messages?.find((message) => JSON.stringify(message.metadata) === JSON.stringify(metadata))?.ts).toBe(ts)
    const without = await client.conversations.history({ channel })
    expect(without.messages?.find((message) => message.ts === ts)?.metadata).toBeUndefined()
  })

  it('come newest first, page by page, between two times; a thread oldest first', async () => {
    const { ts: parent } = await client.chat.postMessage({ channel, text: 'parent' })
    const sent: string[] = []
    for (const text of ['1', '2', '3', '4', '5']) {
      await client.chat.postMessage({ channel, thread_ts: parent ?? '', text: `reply ${text}` })
      sent.push((await client.chat.postMessage({ channel, text })).ts ?? '')
    }
    const seen: (string | undefined)[] = []
    for await (const page of client.paginate('conversations.history', { channel, oldest: parent, limit: 2 })) {
      seen.push(...((page as { messages?: { ts: string }[] }).messages ?? []).map(({ ts }) => ts))
    }
    expect(seen).toEqual(sent.toReversed())
    const bounded = await client.conversations.history({
      channel,
      oldest: sent[1] ?? '',
      latest: sent[3] ?? '',
      inclusive: true,
    })
    expect(bounded.messages?.map(({ text }) => text)).toEqual(['4', '3', '2'])
    const thread = await client.conversations.replies({ channel, ts: parent ?? '' })
    expect(thread.messages?.map(({ text }) => text)).toEqual([
      'parent',
      'reply 1',
      'reply 2',
      'reply 3',
      'reply 4',
      'reply 5',
    ])
    expect(thread.messages?.[0]).toMatchObject({ reply_count: 5 })
  })

  it('keep their blocks when an update brings a text alone', async () => {
    const { ts } = await client.chat.postMessage({ channel, text: 'a', blocks: [{ type: 'divider' }] })
    const updated = await client.chat.update({ channel, ts: ts ?? '', text: 'b' })
    expect(updated.message).toMatchObject({ text: 'b', blocks: [{ type: 'divider' }] })
  })
})

describe('a file', () => {
  it('is refused as a picture until Slack has worked on it, and says so in files.info', async () => {
    await control.setProcessingMs(600)
    const { files } = await client.filesUploadV2({
      channel_id: channel,
      file: Buffer.from('png'),
      filename: 'lag.png',
      title: 'Lag',
    })
    const id = files[0]?.files?.[0]?.id ?? ''
    const blocks = [{ type: 'image', slack_file: { id }, alt_text: 'Lag' }]
    const early = await client.apiCall('chat.postMessage', { channel, text: 'Lag', blocks }).catch(({ data }) => data)
    expect(early).toMatchObject({
      error: 'invalid_blocks',
      errors: ['invalid slack file [json-pointer:/blocks/0/slack_file]'],
    })
    expect((await client.files.info({ file: id })).file?.mimetype).toBe('')
    const alice = createSlackPerson(slack.description.page, 'U0ALICE')
    await alice.waitFor((state) => state.files.find((file) => file.id === id && file.ready))
    expect((await client.files.info({ file: id })).file?.mimetype).toBe('image/png')
    expect((await client.apiCall('chat.postMessage', { channel, text: 'Lag', blocks })).ok).toBe(true)
    const shared = await alice.waitForMessage((message) => 'files' in message && message.files?.[0]?.id === id)
    expect(shared.channel).toBe(channel)
    const page = await fetch(`${slack.description.page}/lab/file/${id}`)
    expect(await page.text()).toBe('png')
  })
})

describe('people', () => {
  it('are in the groups that decide who may approve', async () => {
    const { usergroups } = await client.usergroups.list()
    const operators = usergroups?.find(({ handle }) => handle === 'operators')
    const { users } = await client.usergroups.users.list({ usergroup: operators?.id ?? '' })
    expect(users).toEqual(['U0ALICE', 'U0BOB', 'U0CAROL'])
  })
})

describe('faults on demand', () => {
  it('make web-api wait as long as Retry-After says, and then succeed', async () => {
    const waits: number[] = []
    client.on(WebClientEvent.RATE_LIMITED, (seconds: number) => waits.push(seconds))
    await control.fault({ method: 'chat.postMessage', answer: 429, retryAfter: 1, calls: 1 })
    expect((await client.chat.postMessage({ channel, text: 'late' })).ok).toBe(true)
    expect(waits).toEqual([1])
  })

  it('lose the answer to a post that was done', async () => {
    await control.fault({ method: 'chat.postMessage', answer: 'lost', calls: 1 })
    const once = new WebClient(slack.description.botToken, {
      slackApiUrl: slack.description.api,
      logLevel: LogLevel.ERROR,
      retryConfig: { retries: 0 },
    })
    await expect(once.chat.postMessage({ channel, text: 'lost but posted' })).rejects.toThrow()
    const { messages } = await client.conversations.history({ channel, limit: 1 })
    expect(messages?.[0]?.text).toBe('lost but posted')
  })

  it.each([[500], ['silence'], ['error:fatal_error']] as const)(
    'answer %s to one call and the truth to the next',
    async (answer) => {
      const once = new WebClient(slack.description.botToken, {
        slackApiUrl: slack.description.api,
        logLevel: LogLevel.ERROR,
        retryConfig: { retries: 0 },
        timeout: 300,
      })
      await control.fault({ method: '*', answer, calls: 1 })
      await expect(once.auth.test()).rejects.toThrow()
      expect((await once.auth.test()).user_id).toBe('U0FLOODGATE')
    },
  )

  it('keep Slack’s own limit of one post a second, when it is switched on', async () => {
    await control.keepNaturalLimits()
    const eager = new WebClient(slack.description.botToken, {
      slackApiUrl: slack.description.api,
      logLevel: LogLevel.ERROR,
      rejectRateLimitedCalls: true,
    })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => eager.chat.postMessage({ channel, text: 'x' })),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  })
})

describe('a restart of the lab', () => {
  it('keeps tokens, messages and pictures', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slack-'))
    const first = await startSlack({ folder })
    const before = new WebClient(first.description.botToken, { slackApiUrl: first.description.api })
    await before.chat.postMessage({ channel, text: 'still here' })
    const { files } = await before.filesUploadV2({ file: Buffer.from('png'), filename: 'lag.png' })
    await first.stop()
    const second = await startSlack({ folder })
    const after = new WebClient(first.description.botToken, { slackApiUrl: second.description.api })
    const { messages } = await after.conversations.history({ channel })
    expect(messages?.map(({ text }) => text)).toEqual(['still here'])
    expect((await after.files.info({ file: files[0]?.files?.[0]?.id ?? '' })).file?.mimetype).toBe('image/png')
    await second.stop()
    await rm(folder, { recursive: true })
  })
})
