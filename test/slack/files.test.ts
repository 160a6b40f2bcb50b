import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { createAnnounce } from '../../src/slack/announce/index.js'
import { paperAnswer } from '../../src/slack/in/paper.js'
import type { Message } from '../../src/slack/messages/message.js'
import { createShownMap, startLab } from './lab.js'

const text = 'orders,0,12\norders,1,15\n'
const name = 'break-glass-after-stop-dam.txt'
const step: Message = {
  key: 'step/cutover-1/stop-dam',
  text: 'Passed.',
  blocks: [],
  files: [
    {
      key: 'cutover-1/stop-dam/1',
      name,
      title: 'What finishing by hand takes',
      command: 'floodgate pack',
      of: { kind: 'pack', evidence: '1' },
    },
  ],
}

describe('files of the channel', () => {
  let lab: Awaited<ReturnType<typeof startLab>>
  beforeAll(async () => {
    lab = await startLab()
  })
  afterAll(() => lab.stop())
  afterEach(() => lab.control('heal', {}))

  function announcing(migration: string) {
    const shown = createShownMap()
    const log: string[] = []
    let ahead = 0
    const now = () => Date.now() + ahead
    const bot = () =>
      createAnnounce({
        web: lab.web,
        shown,
        migration,
        channel: lab.description.channel,
        file: async () => text,
        log: (line) => void log.push(line),
        now,
        render: async () => ({ version: 1, messages: new Map([[step.key, step]]) }),
        drawing: { png: async () => null, words: async () => null },
      })
    return {
      log,
      async settle(announce = bot()) {
        for (let i = 0; i < 8; i++) {
          const result = await announce()
          if (result === 'done') return
          ahead += result.againMs
        }
      },
      bot,
      async thread() {
        const all = await lab.messages()
        const root = all.find(({ metadata }) => metadata?.event_payload.migration === migration)
        return all.filter((message) => message.thread_ts === root?.ts && message.ts !== root?.ts)
      },
    }
  }

  it('puts a pack into the thread of its step, once, also when a second bot looks', async () => {
    const { settle, bot, thread } = announcing('one')
    await settle()
    await settle(bot())
    const replies = await thread()
    expect(replies.flatMap((message) => message.files ?? []).map((file) => file.name)).toEqual([name])
    expect(replies[0]?.files?.[0]?.size).toBe(Buffer.byteLength(text))
  })

  it('posts the text itself where files are turned away', async () => {
    await lab.fault({ method: 'files.getUploadURLExternal', answer: 'error:missing_scope' })
    const { settle, thread } = announcing('two')
    await settle()
    const replies = await thread()
    expect(replies).toHaveLength(1)
    expect(replies[0]?.text).toContain('orders,1,15')
  })

  it('sends it again when Slack gave no answer, and not before the first could have arrived', async () => {
    await lab.fault({ method: 'files.getUploadURLExternal', answer: 500, calls: 1 })
    const { settle, thread } = announcing('three')
    await settle()
    expect(await thread()).toHaveLength(1)
  })

  it('answers a person with the beginning, and how to have it whole, where files are turned away', async () => {
    await lab.fault({ method: 'files.getUploadURLExternal', answer: 'error:missing_scope' })
    const about = { title: 'Report', command: 'floodgate report' }
    const answer = await paperAnswer(lab.web, lab.description.channel, { name: 'report.md', text: '# Report' }, about)
    expect(answer.text).toContain('`floodgate report` on the command line prints it whole')
    expect(JSON.stringify(answer.blocks)).toContain('# Report')
  })
})
