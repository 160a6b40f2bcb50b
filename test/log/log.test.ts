import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { createLogStore } from '../../src/connect/redis/log.js'
import { chain, verify } from '../../src/log/chain.js'
import { createLog } from '../../src/log/submit.js'
import type { AlertFacts, Entry, Event } from '../../src/run/events.js'
import { startRedis } from '../redis.js'

const monitor = { kind: 'monitor' } as const
const alert = (cause: string): AlertFacts => ({
  cause,
  severity: 'warning',
  title: cause,
  text: `${cause} is so.`,
  side: 'source',
})

describe('the log on real Redis', () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  let redis: Redis
  beforeAll(async () => {
    server = await startRedis()
    redis = new Redis(server.url, { maxRetriesPerRequest: 1 })
    redis.on('error', () => {})
  })
  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })
  beforeEach(() => redis.flushall())
  const replica = () => createLog(createLogStore<Entry>(redis, 'log'), () => {})

  it('lets two replicas append at once and keeps every event, in one chain', async () => {
    const replicas = [replica(), replica(), replica()]
    const causes = Array.from({ length: 30 }, (_, i) => `cause-${i}`)
    const known = new Set<string>()
    await Promise.all(
      causes.map(async (cause, i) => {
        known.add(cause)
        await replicas[i % 3]!.submit({ by: monitor, do: 'alerts', wanted: [...known].map(alert) })
      }),
    )
    const entries = await replicas[0]!.entries()
    expect(entries.map((entry) => entry.version)).toEqual(entries.map((_, i) => i + 1))
    expect(verify(entries)).toBeNull()
    const { state } = await replicas[1]!.load()
    expect(state.version).toBe(entries.length)
  })

  describe('what was decided on a state that was just loaded', () => {
    const wants = (...causes: string[]) => ({ by: monitor, do: 'alerts' as const, wanted: causes.map(alert) })

    it('is appended without reading again', async () => {
      const store = createLogStore<Entry>(redis, 'log')
      let reads = 0
      const readAfter = (version: number) => {
        reads += 1
        return store.readAfter(version)
      }
      const log = createLog({ ...store, readAfter }, () => {})
      expect(await log.submit(wants('a'), await log.load())).toMatchObject({ events: [{ type: 'alert-raised' }] })
      expect(reads).toBe(1)
    })

    it('is decided again when somebody else was first', async () => {
      const [one, other] = [replica(), replica()]
      const seen = await one.load()
      await other.submit(wants('a'))
      expect(await one.submit(wants('a', 'b'), seen)).toMatchObject({
        events: [{ type: 'alert-raised', alert: { cause: 'b' } }],
      })
      expect(verify(await one.entries())).toBeNull()
    })

    it('is never found to be nothing, or refused, before the newest state says so', async () => {
      const [one, other] = [replica(), replica()]
      await one.submit(wants('a'))
      const seen = await one.load()
      await other.submit(wants())
      expect(await one.submit(wants('a'), seen)).toMatchObject({ events: [{ type: 'alert-raised' }] })
    })
  })

  it('takes the plan of a whole estate at once, each change an event', async () => {
    const wanted = Array.from({ length: 10_000 }, (_, i) => alert(`right-${i}`))
    const events = wanted.map((one): Event => ({ type: 'alert-raised', alert: one }))
    const store = createLogStore<Entry>(redis, 'log')
    expect(await store.append(0, chain({ version: 0, head: '' }, events, monitor, 0))).toBe(true)
    const { entries } = await store.readAfter(0)
    expect(entries).toHaveLength(10_000)
    expect(verify(entries)).toBeNull()
  })

  it('takes its time from Redis, not from the replica', async () => {
    const log = replica()
    await log.submit({ by: monitor, do: 'alerts', wanted: [alert('a')] })
    const [seconds] = await redis.time()
    const [entry] = await log.entries()
    expect(Math.abs(entry!.at / 1000 - Number(seconds))).toBeLessThan(5)
  })

  it.each([
    ['changed', (lines: string[]) => lines.map((line, i) => (i === 1 ? line.replace('"b"', '"x"') : line)), 2],
    ['removed', (lines: string[]) => lines.filter((_, i) => i !== 1), 2],
    ['moved', (lines: string[]) => [lines[0]!, lines[2]!, lines[1]!], 2],
    ['cut off', (lines: string[]) => lines.slice(0, 2), 3],
  ])('names the first event that was %s', async (_what, tamper, version) => {
    const log = replica()
    for (const wanted of [['a'], ['a', 'b'], ['a', 'b', 'c']])
      await log.submit({ by: monitor, do: 'alerts', wanted: wanted.map(alert) })
    const { state } = await log.load()
    const lines = tamper(await redis.lrange('log', 0, -1))
    const broken = verify(
      lines.map((line) => JSON.parse(line)),
      [{ version: state.version, head: state.head }],
    )
    expect(broken?.version).toBe(version)
  })

  it('says that nothing was recorded while Redis does not answer, and goes on afterwards', async () => {
    const log = replica()
    await log.load()
    server.kill('SIGSTOP')
    await expect(log.submit({ by: monitor, do: 'alerts', wanted: [alert('a')] })).rejects.toMatchObject({
      code: 'not-recorded',
    })
    server.kill('SIGCONT')
    const outcome = await log.submit({ by: monitor, do: 'alerts', wanted: [alert('b')] })
    expect(outcome).toHaveProperty('events')
  })

  it('keeps what was appended when Redis is killed and started again', async () => {
    const log = replica()
    await log.submit({ by: monitor, do: 'alerts', wanted: [alert('a')] })
    await server.restart()
    const second = new Redis(server.url)
    const fresh = createLog(createLogStore<Entry>(second, 'log'), () => {})
    expect((await fresh.load()).state.alerts).toHaveLength(1)
    second.disconnect()
  })

  it('refuses to act on an event of a type that it does not know', async () => {
    const log = replica()
    await log.submit({ by: monitor, do: 'alerts', wanted: [alert('a')] })
    const [line] = await redis.lrange('log', 0, 0)
    const entry = JSON.parse(line!)
    await redis.rpush('log', JSON.stringify({ ...entry, version: 2, event: { type: 'from-the-future' } }))
    await expect(log.load()).rejects.toMatchObject({ code: 'unknown-event' })
  })
})
