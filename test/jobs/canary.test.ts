import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { ofFlow } from '../../src/config/migration.js'
import type { Command, Refusal } from '../../src/run/commands.js'
import { decide } from '../../src/run/decide.js'
import type { Author, Event } from '../../src/run/events.js'
import { emptyState, inFlow } from '../../src/run/state.js'
import { wantedOf } from '../../src/run/wanted.js'
import { messages } from '../../src/slack/messages/index.js'
import { Estate, testMigration, threeSteps } from '../estate.js'
import { alice, bob, carol, night } from '../night.js'
import { startRedis } from '../redis.js'
import { began, effect, engine, type Line, told } from '../slack/chapters.js'

const [app] = testMigration.apps
const whole = {
  ...testMigration,
  canary: {
    mirror: { ...testMigration.mirror, source: 'canary-mirror' },
    valve: { kind: 'none' as const },
    topics: ['pings'],
    apps: [{ ...app!, name: 'ping', produces: ['pings'] }],
  },
}
const estate = () => new Estate(['a', 'b', 'c'])
const sources = {
  migration: whole,
  bot: '0',
  runbook: estate().runbook(threeSteps),
  asker: { by: bob, roles: ['operators'] },
}

describe('a canary', () => {
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
    one = night(redis, estate())
  })
  it('is a run of its own topics and apps, named in its id and on its board, one at a time with all others', async () => {
    const wanted = wantedOf({ ask: 'canary', runbook: 'night' }, emptyState, sources, 0)
    if ('mistake' in wanted) throw new Error(wanted.mistake)
    await one.say(alice, wanted)
    await one.approve(bob, 'one')
    const state = await one.asked('two')
    expect(state.run).toMatchObject({
      id: 'canary-night-1',
      flow: 'canary',
      migration: { topics: ['pings'], apps: [{ name: 'ping' }] },
    })
    expect(((await one.start(carol)) as Refusal).code).toBe('run-open')
    expect(JSON.stringify([...messages(state, null, null, 0).values()][0])).toContain(
      '*the canary alone*: 1 app and 1 topic; everything else stays as it is',
    )
  })

  it('rolls back as a canary, by the topics and apps that it began with', async () => {
    await one.say(alice, wantedOf({ ask: 'canary', runbook: 'night' }, emptyState, sources, 0) as never)
    for (const step of ['one', 'two', 'three']) await one.approve(bob, step)
    const state = await one.until(({ run }) => run?.steps[2]?.phase.is === 'checking')
    const back = wantedOf({ ask: 'rollback', reason: 'sick' }, state, { ...sources, migration: testMigration }, 0)
    await one.say(carol, back as never)
    expect((await one.log.load()).state.run).toMatchObject({
      id: 'canary-night-2',
      flow: 'canary',
      migration: { topics: ['pings'] },
    })
  })

  it('cannot be asked for where migration.yaml names none', () => {
    expect(
      wantedOf({ ask: 'canary', runbook: 'night' }, emptyState, { ...sources, migration: testMigration }, 0),
    ).toEqual({
      mistake: expect.stringContaining('names no canary'),
    })
  })
})

describe('what a canary leaves behind in the log', () => {
  const at = (run: string) => ({ run, step: 'start-producers', attempt: 1 })
  const by: Author = engine
  const start = (run: string, flow: 'main' | 'canary'): Line => {
    const [who, event] = began() as readonly [Author, Extract<Event, { type: 'run-started' }>]
    const migration = flow === 'main' ? ofFlow(whole, 'main')! : ofFlow(whole, 'canary')!
    return [who, { ...event, run, migration, ...(flow === 'canary' ? { flow } : {}) }]
  }
  const fact = (run: string, digest: string): Line => [
    by,
    { type: 'fact-recorded', ...at(run), name: 'waterline', digest },
  ]
  const starts = (run: string, app: string): Line[] => {
    const one = {
      ...effect(0),
      id: `start ${app}`,
      before: { replicas: 0 },
      after: { replicas: 1 },
      on: { side: 'target', app },
    }
    return [
      [by, { type: 'effect-planned', ...at(run), order: 0, effect: one }],
      [by, { type: 'effects-claimed', ...at(run), effects: [one.id], until: 0 }],
      [by, { type: 'effect-done', ...at(run), effect: one.id, text: '' }],
    ]
  }
  const finished = (run: string): Line => [by, { type: 'run-finished', run }]
  const canary = [
    start('canary-cutover-1', 'canary'),
    fact('canary-cutover-1', 'c'),
    ...starts('canary-cutover-1', 'ping'),
    finished('canary-cutover-1'),
  ]

  it('is its own: facts and the active side of everything else are as if it had never been', () => {
    const after = told(canary)
    expect(after).toMatchObject({ flow: 'canary', activeSide: 'target', facts: { waterline: { digest: 'c' } } })
    expect(inFlow(after, 'main')).toMatchObject({ activeSide: 'source', facts: {} })
    const main = told([...canary, start('cutover-2', 'main'), fact('cutover-2', 'm')])
    expect(main).toMatchObject({ activeSide: 'source', facts: { waterline: { digest: 'm' } } })
    const again = told([
      ...canary,
      start('cutover-2', 'main'),
      fact('cutover-2', 'm'),
      finished('cutover-2'),
      start('canary-rollback-3', 'canary'),
    ])
    expect(again).toMatchObject({ activeSide: 'target', facts: { waterline: { digest: 'c' } } })
  })

  it('goes before everything else: it is refused once that is on the target', () => {
    const state = told([start('cutover-1', 'main'), ...starts('cutover-1', 'a'), finished('cutover-1')])
    const wanted = wantedOf({ ask: 'canary', runbook: 'night' }, state, sources, 0)
    expect(decide(state, { by: bob, roles: ['operators'], ...wanted } as Command, 0)).toMatchObject({ code: 'not-now' })
  })

  it('its board and report say where its producers ran when it ended, whatever runs since', () => {
    const state = told([...canary, start('cutover-2', 'main')])
    const said = [...messages(state, null, null, 0).values()].map(
      ({ key, text, blocks }) => `${key} ${text} ${JSON.stringify(blocks)}`,
    )
    expect(said.find((one) => one.startsWith('report/canary-cutover-1'))).toContain('Producers run on the target.')
    expect(said.find((one) => one.startsWith('board/cutover-2'))).toContain('producers run on the source')
  })
})
