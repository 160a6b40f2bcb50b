import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { createLogStore, keys } from '../../src/connect/redis/index.js'
import { openAudits, workAudits } from '../../src/jobs/audit.js'
import { createLog } from '../../src/log/submit.js'
import type { Entry } from '../../src/run/events.js'
import { alice, bob } from '../night.js'
import { startRedis } from '../redis.js'

interface Plan {
  readonly partition: number
}

describe('audits', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())
  const connection = () => new Redis(redis.url, { maxRetriesPerRequest: null })
  const parts = (count: number): Plan[] => Array.from({ length: count }, (_, partition) => ({ partition }))

  it('are shared by two replicas, and their result is given once, with the parts that could not be done', async () => {
    const prefix = '{audits}'
    const did: number[][] = [[], []]
    let tell: (result: unknown) => void = () => undefined
    const result = new Promise((resolve) => {
      tell = resolve
    })
    // Each waits for the other before it takes a second part, so that one cannot do it all.
    let both = () => {}
    const bothWork = new Promise<void>((resolve) => {
      both = resolve
    })
    const audits = openAudits<Plan>(connection, prefix)
    expect(await audits.goesOn('audit-1')).toBe(false)
    // A replica that was paused hands out what its successor has handed out.
    for (let i = 0; i < 2; i++) await audits.begin('audit-1', parts(6), { topics: ['orders'] })
    expect(await audits.goesOn('audit-1')).toBe(true)
    const replicas = did.map((mine) =>
      workAudits<Plan, number, { topics: string[] }>(
        connection,
        prefix,
        {
          one: async ({ partition }) => {
            if (partition === 3)
              throw Object.assign(new Error('orders-3 has no leader'), { name: 'UnrecoverableError' })
            mine.push(partition)
            if (did.every((one) => one.length > 0)) both()
            await bothWork
            return partition
          },
          done: async (results, failed, about, id) => tell({ results: [...results].sort(), failed, about, id }),
        },
        () => undefined,
      ),
    )
    expect(await result).toEqual({
      results: [0, 1, 2, 4, 5],
      failed: ['orders-3 has no leader'],
      about: { topics: ['orders'] },
      id: 'audit-1',
    })
    expect(did.every((one) => one.length > 0)).toBe(true)
    expect(did.flat().sort()).toEqual([0, 1, 2, 4, 5])
    await Promise.all([audits.stop(), ...replicas.map((one) => one.stop())])
  }, 60_000)

  it('of which two are asked for at once on two replicas are one, and whoever came second hears whose it is and since when', async () => {
    const stores = [connection(), connection()]
    const logs = stores.map((store) => createLog(createLogStore<Entry>(store, keys('two').log), () => {}))
    for (let round = 1; round <= 20; round++) {
      const answers = await Promise.all(
        [alice, bob].map((by, i) => logs[i]!.submit({ by, roles: [], do: 'audit', topic: null })),
      )
      const { audit } = (await logs[0]!.load()).state
      const refused = answers.flatMap((answer) => ('refused' in answer ? [answer.refused] : []))
      expect(refused).toEqual([
        expect.stringMatching(
          new RegExp(
            `^${audit!.by.name}’s audit of all topics is under way since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\.`,
          ),
        ),
      ])
      await logs[1]!.submit({
        by: { kind: 'engine', replica: 'one' },
        asOf: 0,
        do: 'audited',
        audit: audit!.id,
        text: 'Nothing differs.',
        digest: 'd',
      })
    }
    for (const store of stores) store.disconnect()
  })
})
