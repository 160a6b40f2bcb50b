import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { waitForState } from '../../lab/kafka/connectors.js'
import { waitFor } from '../../lab/readiness.js'
import type { Entry } from '../../src/run/events.js'
import { createCanary } from './canary.js'
import { exactlyOnce, type Night, runWithinMs, startNight, stepsPassed } from './night.js'

/** A small flow goes to the target and back through every step for real, while the shop beside it sells on and knows nothing of it. */
describe('a canary beside a shop that sells on', () => {
  let night: Night
  let canary: Awaited<ReturnType<typeof createCanary>>
  beforeAll(async () => {
    night = await startNight({ source: '3.9', target: '4', kubernetes: 'embedded' })
    canary = await createCanary(night.description)
    await night.bot.restart()
    const flows = await waitFor(async () => (canary.lines('read').length > 100 ? true : undefined), 60_000)
    if (!flows) throw new Error('The canary does not flow.')
  }, runWithinMs)
  afterAll(() => night?.stop(), 120_000)

  it(
    'is asked for nothing as long as the other mirror moves its groups, too',
    async () => {
      await night.people.alice.command('/migrate canary')
      const why = await night.until('the gate', ({ run }) => {
        const look = run?.steps[0]?.think.find(({ gate }) => gate === 'mirror-alone')
        return look?.verdict === 'failed' && look.text
      })
      expect(why).toBe('mirror-checkpoint moves the offsets of canary-pong too: name them in its groups.exclude')
      await night.people.bob.command('/migrate abort not yet')
      await night.people.bob.command('/migrate close not yet')
      await canary.leaveItAlone()
    },
    runWithinMs,
  )

  it.each([
    ['canary', 'canary-cutover-2', '9/9', 'target'],
    ['canary rollback', 'canary-rollback-3', '6/6', 'source'],
    ['canary cutover-mirror-last', 'canary-cutover-mirror-last-4', '9/9', 'target'],
  ] as const)(
    '/migrate %s: every step, nothing lost or repeated, and nothing but the canary touched',
    async (command, id, steps, side) => {
      const here = (await night.log.load()).state.version
      const { run, judgement } = await night.run(command)
      expect(run.id).toBe(id)
      expect(stepsPassed(run)).toBe(steps)
      expect(await canary.judged()).toMatchObject({ lost: 0, duplicated: 0, sent: expect.any(Number) })
      expect(canary.lines('sent').at(-1)).toMatch(new RegExp(`^${side}-`))

      expect(judgement).toMatchObject(exactlyOnce)
      expect(targetsOf((await night.log.entries()).slice(here)).filter((target) => !target.includes('canary'))).toEqual(
        [],
      )
      const { connect, mirror } = night.description
      for (const name of [mirror.source, mirror.checkpoint]) await waitForState(connect.target, name, 'RUNNING', 1000)
    },
    runWithinMs,
  )

  it(
    'and then the night itself finds everything else as it was',
    async () => {
      const { run, judgement } = await night.run('cutover')
      expect(stepsPassed(run)).toBe('9/9')
      expect(judgement).toMatchObject(exactlyOnce)
      expect(await canary.judged()).toMatchObject({ lost: 0, duplicated: 0 })
    },
    runWithinMs,
  )
})

/** What the run changed, by the log. */
const targetsOf = (entries: readonly Entry[]): readonly string[] =>
  entries.flatMap(({ event }) => (event.type === 'effect-planned' ? [event.effect.target] : []))
