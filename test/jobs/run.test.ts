import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { verify } from '../../src/log/chain.js'
import type { Refusal } from '../../src/run/commands.js'
import { decide } from '../../src/run/decide.js'
import { currentStep, inHand, type State } from '../../src/run/state.js'
import { Estate, rollbackSteps, testMigration, threeSteps } from '../estate.js'
import { alice, bob, carol, eve, night } from '../night.js'
import { startRedis } from '../redis.js'

describe('a run on real Redis', () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  let redis: Redis
  let estate: Estate
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
    estate = new Estate(['a', 'b', 'c'])
    one = night(redis, estate)
  })
  const refusal = (outcome: object) => (outcome as Partial<Refusal>).code

  it('goes step by step, each approved by somebody who did not ask for it, and ends in a log that verifies', async () => {
    await one.start(alice)
    for (const step of ['one', 'two', 'three']) await one.approve(bob, step)
    const state = await one.finished()
    expect(estate.performed).toEqual(['a=0', 'b=0', 'c=0', 'a=2'])
    expect(state.run!.steps.map((step) => step.phase.is)).toEqual(['passed', 'passed', 'passed'])
    expect(verify(await one.log.entries(), [{ version: state.version, head: state.head }])).toBeNull()
  })

  it('refuses the requester, people outside the role, a second click, and a second run', async () => {
    await one.start(alice)
    const asked = await one.asked('one')
    expect(refusal(await one.click(alice, asked))).toBe('requester')
    expect(refusal(await one.click(eve, asked))).toBe('not-in-role')
    expect(refusal(await one.click(bob, asked))).toBeUndefined()
    expect(refusal(await one.click(bob, asked))).toBe('already')
    expect(refusal(await one.start(carol))).toBe('run-open')
  })

  it('counts two people where the policy wants two', async () => {
    await one.start(alice, threeSteps.replace('approve: operators', 'approve: two'))
    const asked = await one.asked('one')
    await one.click(bob, asked)
    expect(refusal(await one.click(bob, asked))).toBe('already')
    expect(currentStep((await one.log.load()).state.run!)?.phase.is).toBe('asking')
    await one.click(carol, asked)
    await one.asked('two')
    expect(estate.performed).toEqual(['a=0', 'b=0'])
  })

  it('keeps one of two approvals given at the same moment on two replicas, and does the step once', async () => {
    const two = night(redis, estate, 'test', 'two')
    await one.start(alice)
    const asked = await one.asked('one')
    const clicks = await Promise.all([one.click(bob, asked), two.click(carol, asked)])
    expect(clicks.map(refusal).sort()).toEqual(['already', undefined])
    await Promise.all([one.asked('two'), two.asked('two')])
    expect(estate.performed).toEqual(['a=0', 'b=0'])
  })

  it('drops approvals when a gate no longer passes at the moment of acting, and does nothing', async () => {
    await one.start(alice)
    const asked = await one.asked('one')
    estate.shut.add('a')
    await one.click(bob, asked)
    const fell = await one.until((state) => currentStep(state.run!)?.phase.is === 'thinking')
    expect(currentStep(fell.run!)).toMatchObject({ approvals: [], fell: 'a is at 2.' })
    expect(estate.performed).toEqual([])
    estate.shut.clear()
    const again = await one.asked('one')
    expect(refusal(await one.click(bob, asked))).toBe('stale')
    expect(refusal(await one.click(bob, again))).toBeUndefined()
  })

  it('drops approvals when the plan has changed', async () => {
    await one.start(alice)
    const asked = await one.asked('one')
    estate.replicas.set('b', 5)
    await one.click(bob, asked)
    const fell = await one.until((state) => currentStep(state.run!)?.fell !== null)
    expect(currentStep(fell.run!)?.fell).toBe(
      'What would be done has changed since it was approved. b: from {replicas:5} to {replicas:0}, where from {replicas:2} to {replicas:0} was approved.',
    )
    expect(currentStep((await one.asked('one')).run!)).toMatchObject({
      askedAgain: 1,
      fallen: [{ by: { name: 'Bob' } }],
    })
    expect(estate.performed).toEqual([])
  })

  it('tries an effect three times, then asks: Retry goes on where it stopped', async () => {
    estate.broken.set('b', 3)
    await one.start(alice)
    await one.approve(bob, 'one')
    const failed = await one.until((state) => currentStep(state.run!)?.phase.is === 'failed')
    expect(currentStep(failed.run!)?.phase).toMatchObject({ why: 'set b to 0: b is broken' })
    estate.replicas.set('a', 2) // its think gate wants it so
    await one.say(bob, { do: 'retry', ...one.where(failed) })
    await one.approve(bob, 'one')
    await one.asked('two')
    expect(estate.performed).toEqual(['a=0', 'a=0', 'b=0'])
  })

  it('stops at an abort before the next effect, resumes with a new ask, and needs a reason', async () => {
    await one.start(alice)
    await one.approve(bob, 'one')
    await one.asked('two')
    expect(refusal(await one.say(carol, { do: 'abort', reason: ' ' }))).toBe('reason-missing')
    await one.say(carol, { do: 'abort', reason: 'wrong night' })
    for (let i = 0; i < 3; i++) await one.advance()
    expect(estate.performed).toEqual(['a=0', 'b=0'])
    await one.say(carol, { do: 'resume' })
    for (const step of ['two', 'three']) await one.approve(bob, step)
    await one.finished()
  })

  it('undoes what was done, in reverse, each step asked for, when rolled back before the pivot', async () => {
    await one.start(alice)
    for (const step of ['one', 'two']) await one.approve(bob, step)
    await one.asked('three')
    await one.rollback(carol)
    for (const step of ['undo-two', 'undo-one']) await one.approve(bob, step)
    const state = await one.finished()
    expect(estate.performed).toEqual(['a=0', 'b=0', 'c=0', 'c=2', 'b=2', 'a=2'])
    expect(state.run!.steps.map((step) => `${step.id} ${step.phase.is}`)).toEqual([
      'one undone',
      'two undone',
      'undo-two undone',
      'undo-one undone',
    ])
  })

  it('starts the rollback runbook when rolled back from the pivot on', async () => {
    await one.start(alice)
    for (const step of ['one', 'two', 'three']) await one.approve(bob, step)
    await one.until((state) => currentStep(state.run!)?.phase.is === 'checking')
    await one.rollback(carol)
    const { state } = await one.log.load()
    expect(state.run).toMatchObject({ id: 'rollback-2', requestedBy: { name: 'Carol' } })
    expect(state.past).toMatchObject([{ id: 'night-1', phase: 'closed' }])
  })

  it('copies back instead of draining when told so, wherever the run stands, so long as producers are on the target', async () => {
    const copying = { ...estate.runbook(rollbackSteps), name: 'rollback-copy' }
    const sources = { runbook: copying, migration: testMigration, bot: '0' }
    await one.start(alice)
    await one.approve(bob, 'one')
    const { state, now } = await one.log.load()
    const copy = (of: State) =>
      decide(of, { by: carol, roles: ['operators'], do: 'rollback', copy: true, reason: 'sick', ...sources }, now)
    expect(copy(state)).toMatchObject({ code: 'not-now' })
    expect(copy({ ...state, activeSide: 'target' })).toMatchObject([
      { type: 'run-closed', run: 'night-1' },
      { type: 'run-started', run: 'rollback-copy-2' },
    ])
    const copies = { ...state, activeSide: 'target' as const, run: { ...state.run!, runbook: copying } }
    expect(copy(copies)).toMatchObject({ code: 'already' })
  })

  it('goes on after a replica died between claiming an effect and doing it', async () => {
    await one.start(alice)
    const asked = await one.asked('one')
    await one.click(bob, asked)
    await one.advance() // confirms
    await one.log.submit({
      by: { kind: 'engine', replica: 'dead' },
      asOf: Number.MAX_SAFE_INTEGER,
      do: 'claim',
      ...one.where(asked),
      effects: ['set a'],
      forMs: 0,
    })
    await one.asked('two')
    expect(estate.performed.sort()).toEqual(['a=0', 'b=0'])
  })

  it('rehearses every step with its approvals, changes nothing, and calls no check passed', async () => {
    await one.start(alice, threeSteps, { mode: 'rehearsal' })
    for (const step of ['one', 'two', 'three']) await one.approve(bob, step)
    const state = await one.finished()
    expect(estate.performed).toEqual([])
    expect(state.run!.steps.flatMap((step) => step.check.map((look) => look.verdict))).toEqual(
      Array(4).fill('inconclusive'),
    )
  })

  it('does nothing before the moment an armed run waits for, and ends it at one word', async () => {
    const { now } = await one.log.load()
    await one.start(alice, threeSteps, { notBefore: now + 3_600_000 })
    expect(await one.advance()).toBeGreaterThan(3_500_000)
    expect((await one.log.load()).state.run?.steps[0]?.phase.is).toBe('waiting')
    expect(refusal(await one.say(eve, { do: 'close', reason: 'another night' }))).toBe('not-in-role')
    await one.say(carol, { do: 'close', reason: 'another night' })
    expect((await one.log.load()).state.run?.phase.is).toBe('closed')
  })

  it('leaves out one stuck app, for a reason, and goes on with the others', async () => {
    estate.broken.set('b', 99)
    await one.start(alice)
    await one.approve(bob, 'one')
    await one.until((state) => currentStep(state.run!)?.phase.is === 'failed')
    expect(refusal(await one.say(eve, { do: 'waive', app: 'b', how: 'exclude', reason: 'x' }))).toBe('not-in-role')
    expect(refusal(await one.say(carol, { do: 'waive', app: 'b', how: 'exclude', reason: ' ' }))).toBe('reason-missing')
    expect(refusal(await one.say(carol, { do: 'waive', app: 'zz', how: 'exclude', reason: 'x' }))).toBe('stale')
    await one.say(carol, { do: 'waive', app: 'b', how: 'exclude', reason: 'its node is gone' })
    const { state } = await one.log.load()
    expect(state.run!.waivers).toMatchObject([
      { app: 'b', how: 'exclude', reason: 'its node is gone', by: { name: 'Carol' } },
    ])
    expect(inHand(currentStep(state.run!)!).map(({ effect }) => effect.target)).toEqual(['a'])
  })
})
