import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { waitFor } from '../../lab/readiness.js'
import { repository } from '../../lab/repository.js'
import { createSlackPerson, type SlackPerson } from '../../lab/slack/client.js'
import { createSlackControl } from '../../lab/slack/control.js'
import { startSlack } from '../../lab/slack/index.js'
import { createLogStore, keys } from '../../src/connect/redis/index.js'
import { createLog, type Log } from '../../src/log/submit.js'
import type { Entry } from '../../src/run/events.js'
import { Estate, testMigration } from '../estate.js'
import { startRedis } from '../redis.js'
import type { BotScene } from './bot.js'
import { type Operator, operator, operators, type Place } from './model.js'
import { serveEstate } from './wire.js'

/** The built bot of the model: needs `npm run build` before. */
const program = join(repository(), 'dist/test/faults/bot.js')

/** A real Redis, Slack's stand-in, the model estate, and as many bots as wanted, each a process of its own. */
export type Scene = Awaited<ReturnType<typeof startScene>>

export interface Bot {
  readonly replica: string
  readonly said: readonly string[]
  /** When the fault struck it, by this machine's clock; null: not yet. */
  struckAt(): number | null
  /** The work that the fault interrupted is over, too. */
  isOver(): boolean
  hasEnded(): boolean
  tell(word: 'struck'): void
  signal(name: NodeJS.Signals): void
}

export interface SceneOptions {
  readonly sampleMs?: number
  readonly people?: readonly Operator[]
  readonly approvals?: number
}

export async function startScene({ sampleMs = 3_600_000, people = operators, approvals = 2 }: SceneOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'floodgate-fault-'))
  const [redis, slack] = await Promise.all([startRedis(), startSlack({ people })])
  const estate = new Estate(['a', 'b', 'c'])
  const place: Place = { redis: redis.url, slack: slack.description, sampleMs, people, approvals }
  const { log, disconnect } = reader(redis.url)
  const bots: Bot[] = []
  const children: ChildProcess[] = []
  const person = (name: string): SlackPerson => createSlackPerson(slack.description.page, operator(name).id)

  /** Resolves when people can be heard by it. */
  async function start(replica: string, struck: Omit<NonNullable<BotScene['struck']>, 'once'> | null): Promise<Bot> {
    const scene: BotScene = { ...place, replica, struck: struck && { ...struck, once: join(folder, 'struck') } }
    const child = fork(program, [], {
      env: { PATH: process.env.PATH, SCENE: JSON.stringify(scene) },
      silent: true,
    })
    children.push(child)
    serveEstate(estate, child)
    const said: string[] = []
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk) => said.push(...String(chunk).split('\n').filter(Boolean)))
    const bot: Bot = {
      replica,
      said,
      struckAt: () => Number(said.find((line) => line.startsWith('struck '))?.slice('struck '.length)) || null,
      isOver: () => said.includes('over'),
      hasEnded: () => child.exitCode !== null || child.signalCode !== null,
      tell: (word) => void child.send(word),
      signal: (name) => void child.kill(name),
    }
    const ready = await waitFor(async () => (bot.hasEnded() || said.includes('ready') ? true : undefined), 60_000)
    if (!ready || bot.hasEnded()) throw new Error(`${replica} did not start: ${said.join('\n')}`)
    bots.push(bot)
    return bot
  }

  return {
    redis,
    slack: createSlackControl(slack.description.page),
    estate,
    log,
    bots,
    start,
    person,
    state: () => person('Alice').state(),
    async stop() {
      disconnect()
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return
          const gone = once(child, 'exit')
          child.kill('SIGKILL')
          await gone
        }),
      )
      await Promise.all([slack.stop(), redis.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The log as somebody reads it who is none of the bots, and who bears with a Redis that is away. */
function reader(url: string): { readonly log: Log; readonly disconnect: () => void } {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 100 })
  redis.on('error', () => {})
  const store = createLogStore<Entry>(redis, keys(testMigration.migration).log)
  return { log: createLog(store, () => {}), disconnect: () => redis.disconnect() }
}
