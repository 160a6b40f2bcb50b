import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { startJobs } from '../../src/jobs/queues.js'
import { startRedis } from '../redis.js'

describe('queues', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())
  const connection = () => new Redis(redis.url, { maxRetriesPerRequest: null })
  const fail = (error: Error) => {
    throw error
  }

  it('runs a woken round, comes back as asked, and loses no wake-up that arrives during a round', async () => {
    const seen: string[] = []
    let release = () => {}
    const entered: (() => void)[] = []
    const next = () => new Promise<void>((resolve) => entered.push(resolve))
    const again = [20, null]
    const first = next()
    const jobs = await startJobs(
      connection,
      '{t1}',
      [
        {
          name: 'advance',
          everyMs: 3_600_000,
          run: async () => {
            seen.push('round')
            entered.shift()?.()
            if (seen.length === 3) await new Promise<void>((resolve) => (release = resolve))
            return again.shift() ?? null
          },
        },
      ],
      fail,
    )
    await first // the scheduler's own first round
    const second = next()
    await second // came back after 20 ms
    const third = next()
    jobs.wake('advance')
    await third
    const fourth = next()
    jobs.wake('advance') // while the third is still at work
    release()
    await fourth
    expect(seen.length).toBeGreaterThanOrEqual(4)
    await jobs.stop()
  })

  it('runs one round at a time over two replicas', async () => {
    let running = 0
    let most = 0
    let rounds = 0
    let done = () => {}
    const enough = new Promise<void>((resolve) => (done = resolve))
    const round = {
      name: 'advance',
      everyMs: 3_600_000,
      run: async () => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
        rounds += 1
        if (rounds === 40) done()
        return rounds < 40 ? 1 : null
      },
    }
    const replicas = await Promise.all([
      startJobs(connection, '{t2}', [round], fail),
      startJobs(connection, '{t2}', [round], fail),
    ])
    for (const jobs of replicas) jobs.wake('advance')
    await enough
    expect(most).toBe(1)
    await Promise.all(replicas.map((jobs) => jobs.stop()))
  })
})
