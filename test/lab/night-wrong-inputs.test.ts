import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { waitFor } from '../../lab/readiness.js'
import { createSlackPerson } from '../../lab/slack/client.js'
import { startSlack } from '../../lab/slack/index.js'
import { readState } from '../../lab/slack/lab.js'
import { startRedis } from '../redis.js'

const migration = `migration: wrong
channel: C0NIGHT
sides:
  source: { kafka: { bootstrap: ['127.0.0.1:1'] }, kubernetes: { context: source, namespace: shop } }
  target: { kafka: { bootstrap: ['127.0.0.1:2'] }, kubernetes: { context: target, namespace: shop } }
mirror: { url: http://127.0.0.1:1, source: mm2 }
valve: { kind: none }
topics: [orders]
apps: [{ name: checkout, tier: upstream, workload: Deployment/checkout, produces: [orders] }]
people: [{ name: alice, slack: U0ALICE }]
roles: { operators: { people: [alice] } }
policies: { operators: { role: operators } }
`
const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{ name: nowhere, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: bot, user: { token: none } }]
contexts:
  - { name: source, context: { cluster: nowhere, user: bot, namespace: shop } }
  - { name: target, context: { cluster: nowhere, user: bot, namespace: shop } }
current-context: source
`

/** The built bot, as a team would start it. Needs `npm run build` before. */
describe('a bot that was given something wrong says what, ends with 1, and has done nothing', () => {
  let folder: string
  let server: Awaited<ReturnType<typeof startRedis>>
  let slack: Awaited<ReturnType<typeof startSlack>>
  let redis: Redis
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floodgate-wrong-'))
    ;[server, slack] = await Promise.all([startRedis(), startSlack()])
    redis = new Redis(server.url)
    await cp('runbooks', join(folder, 'runbooks'), { recursive: true })
    await writeFile(join(folder, 'migration.yaml'), migration)
    await writeFile(join(folder, 'kubeconfig.yaml'), kubeconfig)
  }, 60_000)
  afterAll(async () => {
    redis?.disconnect()
    await slack?.stop()
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  function spawnBot(environment: Record<string, string> = {}) {
    const { api, botToken, appToken } = slack.description
    return spawn(process.execPath, ['dist/src/main.js'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        SLACK_BOT_TOKEN: botToken,
        SLACK_APP_TOKEN: appToken,
        SLACK_API_URL: api,
        REDIS_URL: server.url,
        FLOODGATE_MIGRATION: join(folder, 'migration.yaml'),
        FLOODGATE_RUNBOOKS: join(folder, 'runbooks'),
        KUBECONFIG: join(folder, 'kubeconfig.yaml'),
        ...environment,
      },
    })
  }

  async function start(environment: Record<string, string> = {}) {
    const child = spawnBot(environment)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
    const [code] = await once(child, 'close')
    return { code, said }
  }

  async function changed<T>(file: string, change: (text: string) => string, work: () => Promise<T>): Promise<T> {
    const path = join(folder, file)
    const text = await readFile(path, 'utf8')
    await writeFile(path, change(text))
    return work().finally(() => writeFile(path, text))
  }

  async function hasDoneNothing(): Promise<void> {
    expect(await redis.keys('*')).toEqual([])
    const { calls, connections } = await readState(slack.description.page)
    expect({ calls, connections }).toEqual({ calls: {}, connections: 0 })
  }

  it('names file, line and what was expected of migration.yaml', async () => {
    const { code, said } = await changed(
      'migration.yaml',
      (text) => text.replace('tier: upstream', 'tier: middle'),
      start,
    )
    expect(said).toMatch(/migration\.yaml:9: apps\.0\.tier: .*upstream/)
    expect(code).toBe(1)
    await hasDoneNothing()
  })

  it('says all that is missing or wrong of the environment and of migration.yaml at once', async () => {
    const { code, said } = await changed(
      'migration.yaml',
      (text) => text.replace('channel:', 'chanel:').replace('tier: upstream', 'tier: middle'),
      () => start({ SLACK_BOT_TOKEN: '', SLACK_APP_TOKEN: '', PORT: 'many' }),
    )
    expect(said).toMatch(/PORT: expected the number of a port/)
    expect(said).toMatch(/SLACK_BOT_TOKEN/)
    expect(said).toMatch(/migration\.yaml:2: chanel: chanel is not known here; did you mean channel\?/)
    expect(said).toMatch(/migration\.yaml:9: apps\.0\.tier: /)
    expect(code).toBe(1)
    await hasDoneNothing()
  })

  it('says all that it cannot go on with at once: Redis, contexts, files, runbooks, and what no night can do', async () => {
    const { code, said } = await changed(
      'migration.yaml',
      (text) =>
        text
          .replace('127.0.0.1:2', '127.0.0.1:1')
          .replace('context: target', 'context: tarjet')
          .replace("'127.0.0.1:1'] }", "'127.0.0.1:1'], ssl: { ca: /nowhere/ca.crt } }")
          .replace('operators: { role: operators }', 'operators: { role: operators, approvals: 2 }'),
      () => start({ REDIS_URL: 'redis://127.0.0.1:1', FLOODGATE_RUNBOOKS: '/nowhere/runbooks' }),
    )
    expect(said).toMatch(/Redis: nothing answers at 127\.0\.0\.1:1/)
    expect(said).toMatch(/no context tarjet/)
    expect(said).toMatch(/ssl\.ca names \/nowhere\/ca\.crt/)
    expect(said).toMatch(/\/nowhere\/runbooks: there is no such folder/)
    expect(said).toMatch(/127\.0\.0\.1:1 is a broker of the source and of the target/)
    expect(said).toMatch(/wants 2 approvals, and 1 person has the role operators/)
    expect(code).toBe(1)
    await hasDoneNothing()
  })

  it('names file, line and what is allowed in a runbook', async () => {
    const { code, said } = await changed(
      'runbooks/cutover.yaml',
      (text) => text.replace('mirror-stop]', 'mirror-halt]'),
      start,
    )
    expect(said).toMatch(/cutover\.yaml:\d+: .*mirror-halt.*mirror-stop/s)
    expect(code).toBe(1)
    await hasDoneNothing()
  })

  it('refuses a runbook that calls itself by the name of another file', async () => {
    const { code, said } = await changed(
      'runbooks/rollback-copy.yaml',
      (text) => text.replace('runbook: rollback-copy', 'runbook: rollback'),
      start,
    )
    expect(said).toMatch(/rollback-copy\.yaml: runbook: expected rollback-copy, .* and found rollback/)
    expect(code).toBe(1)
    await hasDoneNothing()
  })

  it('refuses a Redis that would lose the log, setting by setting', async () => {
    await redis.config('SET', 'appendonly', 'no')
    const { code, said } = await start()
    await redis.config('SET', 'appendonly', 'yes')
    expect(said).toMatch(/Redis: appendonly is no: set it to yes/)
    expect(code).toBe(1)
    await hasDoneNothing()
  })

  it('refuses a Redis that may throw the log away', async () => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const { code, said } = await start()
    await redis.config('SET', 'maxmemory-policy', 'noeviction')
    expect(said).toMatch(/Redis: maxmemory-policy is allkeys-lru: set it to noeviction/)
    expect(code).toBe(1)
    await hasDoneNothing()
  })

  it('refuses an empty signing secret, with which anybody could click', async () => {
    const { code, said } = await start({ SLACK_SIGNING_SECRET: '' })
    expect(said).toMatch(/SLACK_SIGNING_SECRET: an empty signing secret/)
    expect(code).toBe(1)
    await hasDoneNothing()
  })

  it('says where it looked for a Redis that is not there, and never a token', async () => {
    const { code, said } = await start({ REDIS_URL: 'redis://127.0.0.1:1' })
    expect(said).toMatch(/REDIS_URL/)
    expect(said).not.toContain(slack.description.botToken)
    expect(code).toBe(1)
    await hasDoneNothing()
  })

  it('rehearses on a Redis that may lose its last second, and refuses real runs for that until it may not', async () => {
    await redis.config('SET', 'appendfsync', 'everysec')
    const child = spawnBot()
    const ended = once(child, 'close')
    const alice = createSlackPerson(slack.description.page, 'U0ALICE')
    const logged = async (words: RegExp) =>
      (await redis.lrange('{floodgate:wrong}:log', 0, -1)).some((line) => words.test(line))
    /** A busy machine may be too late for Slack's three seconds: then people say it again. */
    const says = async (line: string, isDone: () => Promise<boolean>) => {
      for (let tries = 0; tries < 5; tries++) {
        await alice.command(line)
        if (await waitFor(async () => (await isDone()) || undefined, 10_000)) return
      }
      throw new Error(`${line}: nothing came of it`)
    }
    const told = async (words: RegExp) => (await alice.state()).ephemerals.some(({ text }) => words.test(text))
    const begun = (run: string, mode: string) => () =>
      logged(new RegExp(`"run-started","run":"${run}","mode":"${mode}"`))
    try {
      await alice.waitFor((state) => (state.connections > 0 ? true : undefined), 60_000)
      await says('/migrate cutover', () => told(/appendfsync is everysec: set it to always/))
      expect(await logged(/run-started/)).toBe(false)
      await says('/migrate rehearse', begun('cutover-1', 'rehearsal'))
      await says('/migrate abort enough', () => logged(/run-aborted/))
      await says('/migrate close enough', () => logged(/run-closed/))
      await redis.config('SET', 'appendfsync', 'always')
      // What is left is not Redis's: nobody can reach the sides of this migration, and one may hold the head of a lost log.
      await says('/migrate cutover', () => told(/^(?!.*appendfsync).* could not be read, and may hold the head/s))
      expect(await logged(/"mode":"real"/)).toBe(false)
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  }, 240_000)
})
