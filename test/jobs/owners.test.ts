import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { Refusal } from '../../src/run/commands.js'
import type { Person } from '../../src/run/events.js'
import { chapterOf, reportOf } from '../../src/run/report.js'
import { currentStep, type State } from '../../src/run/state.js'
import { Estate, ownersStep, testMigration } from '../estate.js'
import { alice, bob, carol, eve, night } from '../night.js'
import { startRedis } from '../redis.js'

/** Bob owns a and b, Carol owns c, nobody owns d: the role owners, in which Alice is, answers for it. */
const [app] = testMigration.apps
const migration = {
  ...testMigration,
  apps: [
    { ...app!, name: 'a', owner: 'Bob' },
    { ...app!, name: 'b', owner: 'Bob' },
    { ...app!, name: 'c', owner: 'Carol' },
    { ...app!, name: 'd' },
  ],
}
const question = 'Is your app all right?'

describe('the owner of each app on real Redis', () => {
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
    one = night(redis, new Estate([]))
    await one.start(alice, ownersStep, { migration })
    await one.until((state) => currentStep(state.run!)?.phase.is === 'checking')
  })
  const answer = async (by: Person, yes: boolean, app: string | null = null, reason = '', roles: string[] = []) => {
    const { state } = await one.log.load()
    const outcome = await one.say(by, { do: 'answer', ...one.where(state), question, yes, app, reason }, roles)
    return (outcome as Partial<Refusal>).code
  }
  const check = ({ run }: State) => currentStep(run!)?.check[0]?.text

  it('takes one answer for all apps of an owner, and passes when each app has one', async () => {
    expect(await answer(bob, true)).toBeUndefined()
    expect(await answer(carol, true)).toBeUndefined()
    expect(await answer(carol, true)).toBe('already')
    await one.advance()
    expect((await one.log.load()).state.run?.phase.is).toBe('open')
    expect(await answer(alice, true, null, '', ['owners'])).toBeUndefined()
    const { run } = await one.finished()
    expect(run!.steps[0]!.answers.map(({ by, apps }) => [by.name, apps])).toEqual([
      ['Bob', ['a', 'b']],
      ['Carol', ['c']],
      ['Alice', ['d']],
    ])
  })

  it('refuses whoever owns nothing, answers for another’s app, says no without which or why, or only bears an owner’s name', async () => {
    expect(await answer(eve, true)).toBe('not-in-role')
    expect(await answer({ ...eve, name: 'Bob' }, true)).toBe('not-in-role')
    expect(await answer(bob, true, 'c', '', ['operators'])).toBe('not-in-role')
    expect(await answer(alice, true, 'a', '', ['owners'])).toBe('not-in-role')
    expect(await answer(bob, false, null, 'it is slow')).toBe('reason-missing')
    expect(await answer(carol, false)).toBe('reason-missing')
    expect((await one.log.load()).state.run!.steps[0]!.answers).toEqual([])
  })

  it('fails at once with the reason of a no; a retry asks only for what is not confirmed', async () => {
    await answer(bob, true)
    await answer(bob, false, 'b', 'it answers after 9 s')
    const failed = await one.until((state) => currentStep(state.run!)?.phase.is === 'failed')
    expect(currentStep(failed.run!)?.phase).toMatchObject({
      why: 'b is not all right, says Bob: it answers after 9 s. Is your app all right? 1 of 4 apps confirmed.',
    })
    await one.say(carol, { do: 'retry', ...one.where(failed) })
    const again = await one.until((state) => check(state) !== undefined)
    const report = reportOf(chapterOf(await one.log.entries(), null)!, {})
    expect(report.timeline.map(({ by, text }) => `${by}: ${text}`)).toContain(
      'Bob: validate: answered no to “Is your app all right?” for b: it answers after 9 s',
    )
    expect(check(again)).toMatch(/1 of 4 apps confirmed; waiting for Bob \(1\), Carol \(1\), the role owners \(1\)/)
  })

  it('does not wait for an app that was left out, nor for one that its owner vouched for', async () => {
    await answer(bob, true)
    await answer(alice, true, null, '', ['owners'])
    await one.say(alice, { do: 'waive', app: 'c', how: 'exclude', reason: 'Carol cannot be reached' })
    await one.finished()
  })

  it('lets nobody vouch for an app who only bears its owner’s name', async () => {
    const word = { do: 'waive', app: 'a', how: 'word', reason: 'I know it' } as const
    expect(((await one.say({ ...eve, name: 'Bob' }, word)) as Partial<Refusal>).code).toBe('not-in-role')
    expect(await one.say(bob, word)).toMatchObject({ events: [{ type: 'app-waived' }] })
  })
})
