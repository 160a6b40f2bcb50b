import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { LogLevel, WebClient } from '@slack/web-api'
import { createSlackControl, type SlackControl } from '../../lab/slack/control.js'
import { type Running, startedSlack } from './slackApp.js'

let slack: Running
let control: SlackControl
let channel: string

beforeAll(async () => {
  slack = await startedSlack()
  control = createSlackControl(slack.description.page)
  channel = slack.description.channel
})
beforeEach(() => control.heal())
afterAll(() => slack.stop())

function client(token = slack.description.botToken): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.description.api,
    retryConfig: { retries: 0 },
    logLevel: LogLevel.ERROR,
    logger: silent,
  })
}

const silent = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
}

type Answer = { error: string; needed?: string; response_metadata?: { messages?: string[] } }

async function refusal(call: Promise<unknown>): Promise<Answer> {
  const error = await call.then(
    () => undefined,
    (reason: { data?: Answer }) => reason,
  )
  return error?.data ?? { error: 'not refused' }
}

const plain = (text: string) => ({ type: 'plain_text', text })
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } })
const actions = (...elements: object[]) => ({ type: 'actions', elements })
const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), action_id: `go-${Math.random()}`, ...more })
const many = <T>(count: number, one: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => one(index))

describe('blocks that Slack refuses', () => {
  it.each<[string, object[], string]>([
    [
      'more than 50 blocks',
      many(51, () => ({ type: 'divider' })),
      'no more than 50 items allowed [json-pointer:/blocks]',
    ],
    [
      'a section over 3000 characters',
      [section('x'.repeat(3001))],
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a section without words',
      [{ type: 'section' }],
      'must define either `text` or `fields` [json-pointer:/blocks/0/type]',
    ],
    [
      'more than 10 fields',
      [{ type: 'section', fields: many(11, () => plain('x')) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'a field over 2000 characters',
      [{ type: 'section', fields: [plain('x'.repeat(2001))] }],
      'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
    ],
    [
      'a header over 150 characters',
      [{ type: 'header', text: plain('x'.repeat(151)) }],
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a header in mrkdwn',
      [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
      'value must be one of: plain_text [json-pointer:/blocks/0/text/type]',
    ],
    [
      'a button text over 75 characters',
      [actions(button({ text: plain('x'.repeat(76)) }))],
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'a button value over 2000 characters',
      [actions(button({ value: 'x'.repeat(2001) }))],
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'more than 25 buttons',
      [actions(...many(26, () => button()))],
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'more than 10 context elements',
      [{ type: 'context', elements: many(11, () => plain('x')) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'more than 20 table columns',
      [{ type: 'table', rows: [many(21, () => ({ type: 'raw_text', text: 'x' }))] }],
      'no more than 20 items allowed [json-pointer:/blocks/0/rows/0]',
    ],
    [
      'a block_id twice',
      [
        { type: 'divider', block_id: 'a' },
        { type: 'divider', block_id: 'a' },
      ],
      'block_id already exists [json-pointer:/blocks/1/block_id]',
    ],
    ['an unknown block', [{ type: 'banner' }], 'unsupported type: banner [json-pointer:/blocks/0/type]'],
    [
      'an unknown element',
      [actions({ type: 'slider' })],
      'unsupported type: slider [json-pointer:/blocks/0/elements/0/type]',
    ],
    [
      'an unknown property',
      [{ type: 'divider', colour: 'red' }],
      'invalid additional property: colour [json-pointer:/blocks/0]',
    ],
    [
      'a picture without its words',
      [{ type: 'image', image_url: 'https://example.com/a.png' }],
      'missing required field: alt_text [json-pointer:/blocks/0]',
    ],
    [
      'a picture on a machine that Slack cannot reach',
      [{ type: 'image', image_url: 'http://127.0.0.1:1/a.png', alt_text: 'a' }],
      'downloading image failed [json-pointer:/blocks/0/image_url]',
    ],
    [
      'a file that is not there',
      [{ type: 'image', slack_file: { id: 'F0' }, alt_text: 'a' }],
      'invalid slack file [json-pointer:/blocks/0/slack_file]',
    ],
    [
      'an initial option that is no option',
      [
        actions({
          type: 'static_select',
          action_id: 's',
          options: [{ text: plain('a'), value: 'a' }],
          initial_option: { text: plain('b'), value: 'b' },
        }),
      ],
      'initial option must match one of the options [json-pointer:/blocks/0/elements/0]',
    ],
  ])('%s', async (_what, blocks, problem) => {
    const answer = await refusal(client().apiCall('chat.postMessage', { channel, text: 'x', blocks }))
    expect(answer.error).toBe('invalid_blocks')
    expect(answer.response_metadata?.messages).toContain(`[ERROR] ${problem}`)
  })

  it('a total of more than 13,200 characters', async () => {
    const blocks = many(5, () => section('x'.repeat(2900)))
    expect(await refusal(client().apiCall('chat.postMessage', { channel, text: 'x', blocks }))).toMatchObject({
      error: 'msg_blocks_too_long',
    })
  })

  it('a chart, once Slack has been told to forget it', async () => {
    const blocks = [
      {
        type: 'data_visualization',
        title: 'Lag',
        chart: { type: 'line', series: [{ name: 'dam', data: [{ label: 'a', value: 1 }] }] },
      },
    ]
    await client().apiCall('chat.postMessage', { channel, text: 'x', blocks })
    await control.forgetBlocks('data_visualization')
    expect(await refusal(client().apiCall('chat.postMessage', { channel, text: 'x', blocks }))).toMatchObject({
      error: 'invalid_blocks',
    })
  })
})

describe('calls that Slack refuses', () => {
  it.each<[string, string, object, string]>([
    ['a channel that is not there', 'chat.postMessage', { channel: 'C0NONE', text: 'x' }, 'channel_not_found'],
    ['a message without words', 'chat.postMessage', { channel: 'C0MIGRATION' }, 'no_text'],
    [
      'a text over 40,000 characters',
      'chat.postMessage',
      { channel: 'C0MIGRATION', text: 'x'.repeat(40_001) },
      'msg_too_long',
    ],
    ['blocks that are not JSON', 'chat.postMessage', { channel: 'C0MIGRATION', blocks: '[' }, 'invalid_blocks_format'],
    [
      'an update by channel name',
      'chat.update',
      { channel: '#kafka-migration', ts: '1.0', text: 'x' },
      'channel_not_found',
    ],
    ['an update of nothing', 'chat.update', { channel: 'C0MIGRATION', ts: '1.0', text: 'x' }, 'message_not_found'],
    ['the replies to nothing', 'conversations.replies', { channel: 'C0MIGRATION', ts: '1.0' }, 'thread_not_found'],
    [
      'metadata without a payload',
      'chat.postMessage',
      { channel: 'C0MIGRATION', text: 'x', metadata: { event_type: 'a' } },
      'invalid_metadata_schema',
    ],
    [
      'a trigger that was never given out',
      'views.open',
      { trigger_id: '1', view: { type: 'modal', title: plain('x'), blocks: [] } },
      'invalid_trigger_id',
    ],
    [
      'a modal without a title',
      'views.open',
      { trigger_id: '1', view: { type: 'modal', blocks: [] } },
      'invalid_arguments',
    ],
    ['the retired upload', 'files.upload', {}, 'method_deprecated'],
    ['a method that is not there', 'chat.shout', {}, 'unknown_method'],
    ['a group that is not there', 'usergroups.users.list', { usergroup: 'S0' }, 'no_such_subteam'],
    ['a connection with a bot token', 'apps.connections.open', {}, 'not_allowed_token_type'],
  ])('%s', async (_what, method, args, error) => {
    expect((await refusal(client().apiCall(method, { ...args }))).error).toBe(error)
  })

  it('a wrong token', async () => {
    expect((await refusal(client('xoxb-wrong').auth.test())).error).toBe('invalid_auth')
  })

  it('a scope that the app was not given, with its name', async () => {
    await control.removeScopes('files:write')
    const answer = await refusal(client().files.getUploadURLExternal({ filename: 'a.png', length: 1 }))
    expect(answer).toMatchObject({ error: 'missing_scope', needed: 'files:write' })
  })

  it('somebody else’s message', async () => {
    await fetch(`${slack.description.page}/lab/command`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'U0ALICE', channel, text: 'hello' }),
    })
    const { messages } = await client().conversations.history({ channel, limit: 1 })
    expect((await refusal(client().chat.update({ channel, ts: messages?.[0]?.ts ?? '', text: 'x' }))).error).toBe(
      'cant_update_message',
    )
  })
})
