import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { Refusal } from '../../src/run/commands.js'
import { currentStep, type State } from '../../src/run/state.js'
import { Estate, testMigration, threeSteps } from '../estate.js'
import { alice, bob, carol, eve, night } from '../night.js'
import { startRedis } from '../redis.js'

/** Going back is approved by one of the role duty; a step that nobody approves is escalated to it. */
const migration = {
  ...testMigration,
  roles: { ...testMigration.roles, duty: { people: ['Carol'], groups: [] } },
  policies: {
    operators: { ...testMigration.policies.operators!, escalate: { after: 300, to: 'duty' } },
    rollback: { ...testMigration.policies.operators!, role: 'duty' },
  },
}

describe('policies on real Redis', () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  let redis: Redis
  let one: ReturnType<typeof night>
  beforeAll(async () => {
    server = await startRedis()
    redis = new Redis(server.url)
  })
  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })
  beforeEach(async () => {
    await redis.flushall()
    one = night(redis, new Estate(['a', 'b', 'c']))
    await one.start(alice, threeSteps, { migration })
  })
  const code = (outcome: object) => (outcome as Partial<Refusal>).code
  const approve = ({ run }: State, by = carol, roles = ['duty']) => {
    const step = currentStep(run!)!
    const { nonce, digest } = step.phase as { nonce: string; digest: string }
    return one.say(by, { do: 'approve', run: run!.id, step: step.id, attempt: step.attempt, nonce, digest }, roles)
  }

  it('let going back be approved by a policy of its own, and by nobody else', async () => {
    await one.approve(bob, 'one')
    await one.asked('two')
    expect(code(await one.say(eve, { do: 'rollback', reason: 'x', runbook: null, migration, bot: '0' }))).toBe(
      'not-in-role',
    )
    const back = { do: 'rollback', reason: 'sick', runbook: null, migration, bot: '0' } as const
    expect(code(await one.say(carol, back, ['duty']))).toBeUndefined()
    const asked = await one.asked('undo-one')
    expect(code(await approve(asked, bob, ['operators']))).toBe('not-in-role')
    expect(code(await approve(asked))).toBeUndefined()
  })

  it('leave going back to those who approved going on where there is no such policy', async () => {
    const { state } = await one.log.load()
    await one.say(carol, { do: 'close', reason: 'again' }, ['operators'])
    await one.say(carol, { do: 'abort', reason: 'again' })
    await one.say(carol, { do: 'close', reason: 'again' })
    expect(state.run?.id).toBe('night-1')
    await one.start(alice)
    await one.approve(bob, 'one')
    await one.asked('two')
    await one.rollback(carol)
    expect(currentStep((await one.log.load()).state.run!)?.step.approve).toBe('operators')
    expect(code(await approve(await one.asked('undo-one'), bob, ['operators']))).toBeUndefined()
  })

  it('call others once when nobody approves in time, and let nobody approve who may not', async () => {
    await one.asked('one')
    const called = await one.until((state) => currentStep(state.run!)!.escalated !== null, 2000)
    expect(currentStep(called.run!)?.escalated?.role).toBe('duty')
    for (let i = 0; i < 5; i++) await one.advance()
    const entries = await one.log.entries()
    expect(entries.filter(({ event }) => event.type === 'escalated')).toHaveLength(1)
    const asked = entries.find(({ event }) => event.type === 'step-planned')!
    expect(entries.find(({ event }) => event.type === 'escalated')!.at - asked.at).toBeGreaterThanOrEqual(300)
    expect(code(await approve(called))).toBe('not-in-role')
    expect(code(await approve(called, bob, ['operators']))).toBeUndefined()
  })
})
