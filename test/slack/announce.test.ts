import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { createDrawing } from '../../src/slack/announce/drawing.js'
import { createAnnounce } from '../../src/slack/announce/index.js'
import type { Web } from '../../src/slack/announce/web.js'
import type { Message } from '../../src/slack/messages/message.js'
import { createShownMap, startLab } from './lab.js'

let lab: Awaited<ReturnType<typeof startLab>>
let scene = 0

beforeAll(async () => {
  lab = await startLab()
  await lab.control('processing', { ms: 0 })
})
afterAll(() => lab.stop())
afterEach(() => lab.control('heal', {}))

/** Each scene is a migration of its own in the one channel, so that none sees another's messages. */
function announcing(wanted: Message[] = [say('board/1', 'One.')]) {
  const migration = `shop-${++scene}`
  const shown = createShownMap()
  const log: string[] = []
  const world = { version: 1, wanted, ahead: 0, drawn: 0 }
  const now = () => Date.now() + world.ahead
  const points = async () => Array.from({ length: 20 }, (_, i) => [now() - (20 - i) * 1000, 2000 - i * 100] as const)
  const drawing = createDrawing(points, now)
  const web = lab.webOf(now)
  const bot = (other: Partial<Web> = {}) =>
    createAnnounce({
      web: { ...web, ...other },
      shown,
      migration,
      channel: lab.description.channel,
      file: async () => 'orders,0,12',
      log: (text) => void log.push(text),
      now,
      render: async () => ({ version: world.version, messages: new Map(world.wanted.map((one) => [one.key, one])) }),
      drawing: {
        png: (request) => {
          world.drawn += 1
          return drawing.png(request)
        },
        words: drawing.words,
      },
    })
  const announce = bot()
  return {
    world,
    shown,
    log,
    bot,
    web,
    announce,
    /** Passes until there is nothing left to do, each at the time at which it was asked for. */
    async settle(passes = 12): Promise<void> {
      for (let i = 0; i < passes; i++) {
        const result = await announce()
        if (result === 'done') return
        world.ahead += result.againMs
      }
    },
    seen: async () => (await lab.messages()).filter(({ metadata }) => metadata?.event_payload.migration === migration),
  }
}

function say(key: string, text: string, more: Partial<Message> = {}): Message {
  return { key, text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }], ...more }
}

const graph = (until: number | null): Message['blocks'][number] => ({
  type: 'graph',
  graph: { kind: 'lag', title: 'Lag in step 3', groups: ['billing'], from: 0, until, marks: [] },
})

/** A bot that the machine stops right before its first call. */
function asleep() {
  let wake = () => {}
  let fall = () => {}
  const woken = new Promise<void>((resolve) => (wake = resolve))
  const fallen = new Promise<void>((resolve) => (fall = resolve))
  return {
    fallen,
    wake,
    until: async <T>(work: () => Promise<T>): Promise<T> => {
      fall()
      await woken
      return work()
    },
  }
}

const texts = (messages: readonly { text: string }[]) => messages.map(({ text }) => text)
const hasPicture = (message: { blocks?: readonly object[] } | undefined) =>
  JSON.stringify(message?.blocks).includes('slack_file')

describe('announce', () => {
  it('posts what is missing in order, and then nothing more', async () => {
    const { settle, seen, announce } = announcing([say('board/1', 'Board.'), say('step/1', 'Step.', { asks: true })])
    await settle()
    expect(texts(await seen())).toEqual(['Board.', 'Step.'])
    expect(await announce()).toBe('done')
  })

  it('updates what differs, at most once a second, and shows only the newest', async () => {
    const { world, settle, seen, announce } = announcing()
    await settle()
    for (const text of ['Two.', 'Three.']) {
      Object.assign(world, { version: world.version + 1, wanted: [say('board/1', text)] })
      expect(await announce()).toEqual({ againMs: expect.any(Number) })
    }
    expect(texts(await seen())).toEqual(['One.'])
    await settle()
    expect(texts(await seen())).toEqual(['Three.'])
  })

  it('gives a block a new id when its content changes, and keeps it when not', async () => {
    const { world, settle, seen } = announcing([
      say('board/1', 'One.', { blocks: [...say('', 'Same.').blocks, ...say('', 'A.').blocks] }),
    ])
    const ids = async () => (await seen())[0]!.blocks!.map((block) => block.block_id)
    await settle()
    const before = await ids()
    Object.assign(world, {
      version: 2,
      wanted: [say('board/1', 'One.', { blocks: [...say('', 'Same.').blocks, ...say('', 'B.').blocks] })],
    })
    await settle()
    const after = await ids()
    expect(after[0]).toBe(before[0])
    expect(after[1]).not.toBe(before[1])
  })

  it('puts the newest back when a bot that was paused sends what it drew before', async () => {
    const { world, settle, seen, bot, web } = announcing()
    await settle()
    Object.assign(world, { version: 2, wanted: [say('board/1', 'Two.')], ahead: world.ahead + 5000 })
    const sleeper = asleep()
    const late = bot({ update: (...sent) => sleeper.until(() => web.update(...sent)) })()
    await sleeper.fallen
    Object.assign(world, { version: 3, wanted: [say('board/1', 'Three.')], ahead: world.ahead + 5000 })
    await settle()
    sleeper.wake()
    await late
    await settle()
    expect(texts(await seen())).toEqual(['Three.'])
  })

  it('takes its own post back when a bot that was paused posts what another has posted since', async () => {
    const { world, settle, seen, bot, web } = announcing()
    const sleeper = asleep()
    const late = bot({ post: (...sent) => sleeper.until(() => web.post(...sent)) })()
    await sleeper.fallen
    world.ahead += 10_000
    await settle()
    sleeper.wake()
    await late
    expect(texts(await seen())).toEqual(['One.'])
    await settle()
    expect(texts(await seen())).toEqual(['One.'])
  })

  it('never puts an older state over a newer one', async () => {
    const { world, settle, seen } = announcing()
    world.version = 5
    await settle()
    Object.assign(world, { version: 4, wanted: [say('board/1', 'Old.')] })
    await settle()
    expect(texts(await seen())).toEqual(['One.'])
  })

  it('posts once when two bots announce at once', async () => {
    const { bot, seen } = announcing([say('board/1', 'One.'), say('step/1', 'Two.')])
    await Promise.all([bot(), bot(), bot()].map((announce) => announce()))
    expect(texts(await seen()).sort()).toEqual(['One.', 'Two.'])
  })

  it('posts a deleted message again', async () => {
    const { world, settle, seen } = announcing()
    await settle()
    const [message] = await seen()
    await lab.control('delete', { channel: lab.description.channel, ts: message!.ts })
    Object.assign(world, { version: 2, wanted: [say('board/1', 'Two.')] })
    await settle()
    expect(texts(await seen())).toEqual(['Two.'])
  })

  it.each([
    ['the answer is lost', { answer: 'lost' as const }],
    ['Slack answers 500', { answer: 500 as const }],
    ['Slack answers 503', { answer: 503 as const }],
    ['Slack says that it failed', { answer: 'error:internal_error' as const }],
    ['Slack never answers', { answer: 'silence' as const }],
  ])('looks before it posts again when %s', async (_, fault) => {
    const { settle, seen } = announcing()
    await lab.fault({ method: 'chat.postMessage', calls: 1, ...fault })
    await settle()
    expect(texts(await seen())).toEqual(['One.'])
  })

  it('finds its post again after a crash between posting and remembering', async () => {
    const { shown, world, settle, seen } = announcing()
    await settle()
    const field = shown.fields.get('message/board/1')!
    shown.fields.set('message/board/1', JSON.stringify({ ...JSON.parse(field), ts: null, freeAt: 0 }))
    Object.assign(world, { version: 2, wanted: [say('board/1', 'Two.')] })
    await settle()
    expect(texts(await seen())).toEqual(['Two.'])
  })

  it('deletes the second copy when a post that seemed lost arrives late', async () => {
    const { shown, settle, seen, announce } = announcing()
    await lab.fault({ method: 'chat.postMessage', calls: 1, answer: 500 })
    await announce()
    await settle(2)
    const [first] = await seen()
    await lab.web.post(
      lab.description.channel,
      { text: 'One.', blocks: [] },
      { migration: first!.metadata!.event_payload.migration as string, key: 'board/1' },
    )
    expect(await seen()).toHaveLength(2)
    await settle()
    expect((await seen()).map(({ ts }) => ts)).toEqual([first!.ts])
    expect(shown.fields.get('message/board/1')).not.toContain('doubtAt')
  })

  it('says when to come back instead of waiting when Slack limits it', async () => {
    const { announce, settle, seen } = announcing()
    await lab.fault({ method: 'chat.postMessage', answer: 429, retryAfter: 7, calls: 1 })
    expect(await announce()).toEqual({ againMs: 7000 })
    expect(await seen()).toEqual([])
    await settle()
    expect(texts(await seen())).toEqual(['One.'])
  })

  it('asks a new question while updates are limited, and leaves those alone until their time', async () => {
    const { world, announce, settle, seen } = announcing()
    await settle()
    await lab.fault({ method: 'chat.update', answer: 429, retryAfter: 9 })
    world.ahead += 5000
    Object.assign(world, { version: 2, wanted: [say('board/1', 'Two.')] })
    await announce()
    Object.assign(world, { version: 3, wanted: [say('board/1', 'Three.'), say('step/1', 'May it?', { asks: true })] })
    expect(await announce()).toEqual({ againMs: expect.any(Number) })
    expect(texts(await seen())).toEqual(['One.', 'May it?'])
    expect((await lab.state()).calls['chat.update']).toBe(1)
  })

  it('takes the buttons from a message that is no longer wanted, and says why', async () => {
    const { world, settle, seen } = announcing([say('stopped/1', 'Stopped.', { over: 'It went on.' })])
    await settle()
    Object.assign(world, { version: 2, wanted: [] })
    await settle()
    expect((await seen())[0]).toMatchObject({ text: 'It went on.', blocks: [{ text: { text: 'It went on.' } }] })
  })

  it('still says the sentence, with its buttons, when Slack turns the blocks away', async () => {
    const button = {
      type: 'button' as const,
      action_id: 'approve',
      text: { type: 'plain_text' as const, text: 'Approve' },
    }
    const { settle, seen, log } = announcing([
      say('step/1', 'May it be done?', {
        blocks: [{ type: 'table', rows: [] } as never, { type: 'actions', elements: [button] }],
      }),
    ])
    await lab.control('forget-blocks', { types: ['table'] })
    await settle()
    expect(JSON.stringify((await seen())[0]?.blocks)).toMatch(/May it be done\?.*approve/)
    expect(log.join()).toContain('turned the blocks of step/1 away')
  })

  it('says in the log what to do when it may not write', async () => {
    const { announce, log } = announcing()
    await lab.control('scopes', { remove: ['chat:write'] })
    expect(await announce()).toEqual({ againMs: 30_000 })
    expect(log.join()).toContain('manifest.yaml')
  })
})

describe('graphs', () => {
  it('come after the message, which never waits for them', async () => {
    const { announce, settle, seen } = announcing([
      say('step/1', 'Step.', { blocks: [...say('', 'Step.').blocks, graph(1)] }),
    ])
    await announce()
    expect(hasPicture((await seen())[0])).toBe(false)
    await settle()
    expect(hasPicture((await seen())[0])).toBe(true)
  })

  it('are drawn once when they are final, and again and again while they live', async () => {
    const final = announcing([say('step/1', 'Step.', { blocks: [graph(1)] })])
    await final.settle(20)
    expect(final.world.drawn).toBe(1)
    const live = announcing([
      say('step/1', 'Step.', {
        blocks: [
          {
            type: 'graph',
            graph: { kind: 'lag', title: 'Lag', groups: ['billing'], from: Date.now(), until: null, marks: [] },
          },
        ],
      }),
    ])
    await live.settle(14)
    expect(live.world.drawn).toBeGreaterThan(1)
    expect(await live.seen()).toHaveLength(1)
  })

  it.each([
    ['the scope is missing', () => lab.control('scopes', { remove: ['files:write'] })],
    [
      'the method is unknown',
      () => lab.fault({ method: 'files.getUploadURLExternal', answer: 'error:unknown_method' }),
    ],
    ['files cannot be looked up', () => lab.control('scopes', { remove: ['files:read'] })],
    ['uploads fail', () => lab.fault({ method: 'files.completeUploadExternal', answer: 500 })],
  ])('become words when %s', async (_, breakIt) => {
    await breakIt()
    const { settle, seen, log } = announcing([
      say('step/1', 'Step.', { blocks: [...say('', 'Step.').blocks, graph(1)] }),
    ])
    await settle()
    const [message] = await seen()
    expect(hasPicture(message)).toBe(false)
    expect(JSON.stringify(message?.blocks)).toMatch(/billing: 2,000 .* 100/)
    expect(log.join()).toContain('replaced by words')
  })
})
