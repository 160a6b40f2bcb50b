import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Entry } from '../../src/run/events.js'
import { exactlyOnce, type Night, runWithinMs, startNight, stepsPassed } from '../lab/night.js'
import { seeded } from './faults.js'

const isFull = process.env.FLOODGATE_FULL === '1'
const seed = Number(process.env.FLOODGATE_SEED ?? Math.floor(Date.now() / 1000))
const slackForMs = isFull ? 60_000 : 10_000

/** A blow to the bot while a step is doing its work, on real parts. */
const blows = {
  'kill -9 of the bot': async ({ bot }: Night) => {
    await bot.kill()
    await bot.restart()
  },
  'Redis killed and started again': async ({ redisServer }: Night) => {
    await redisServer.kill()
    await redisServer.restart()
  },
  'Slack answers 500': ({ slack }: Night) => slack.fault({ method: '*', answer: 500, forMs: slackForMs }),
} as const
type Blow = keyof typeof blows

/** Steps that change something, in order; the last one of each runbook only looks. */
const changingSteps = { cutover: 8, rollback: 5 } as const
const runs = (['cutover', 'rollback', 'cutover', 'rollback'] as const).slice(0, isFull ? 4 : 1)

/** Twelve cells where all are played, three on other days. Needs `npm run build` before: bot and pods run the built programs. */
describe(`nights on the lab, struck while steps work that the seed picks (seed ${seed})`, () => {
  const random = seeded(seed)
  let night: Night
  beforeAll(async () => {
    night = await startNight({ source: '3.9', target: '4', kubernetes: 'embedded' })
  }, runWithinMs)
  afterAll(() => night?.stop(), 120_000)

  it.each(runs.map((command) => [command, cellsOf(command)] as const))(
    '%s: each step is done once and each record processed exactly once, struck by %j',
    async (command, cells) => {
      const before = (await night.log.load()).state.version
      const struck = Promise.all(
        Object.entries(cells).map(async ([number, blow]) => {
          await night.until(
            `step ${number} at work`,
            (_, entries) => acting(entries.slice(before)).length >= Number(number),
            runWithinMs,
          )
          night.say(`${blow}, in step ${number}`)
          await blows[blow](night)
        }),
      )
      const [{ run, judgement }] = await Promise.all([night.run(command), struck])
      expect(run.phase.is).toBe('finished')
      expect(stepsPassed(run)).toBe(`${run.steps.length}/${run.steps.length}`)
      expect(judgement).toMatchObject(exactlyOnce)

      const entries = (await night.log.entries()).slice(before)
      const done = entries.flatMap(({ event }) => (event.type === 'effect-done' ? [event.effect] : []))
      expect(done).toEqual([...new Set(done)])
      const steps = acting(entries)
      expect(steps).toEqual([...new Set(steps)])
    },
    runWithinMs,
  )

  /** Each blow in a step of its own, by the step's number from 1 on. */
  function cellsOf(command: keyof typeof changingSteps): Readonly<Record<number, Blow>> {
    const numbers = Array.from({ length: changingSteps[command] }, (_, i) => [random(), i + 1] as const)
    numbers.sort(([a], [b]) => a - b)
    return Object.fromEntries((Object.keys(blows) as Blow[]).map((blow, i) => [numbers[i]![1], blow]))
  }
})

const acting = (entries: readonly Entry[]) =>
  entries.flatMap(({ event }) => (event.type === 'step-acting' ? [event.step] : []))
