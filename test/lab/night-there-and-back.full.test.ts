import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { exactlyOnce, type Night, runWithinMs, startNight, stepsPassed } from './night.js'

/** Both pairs of versions, both orders, and the way back after each; on one lab, so that each run begins where the last one ended. */
describe.each([
  ['3.9', '4'],
  ['2.4', '2.8'],
] as const)('there and back, and there and back again, from Kafka %s to %s', (source, target) => {
  let night: Night
  beforeAll(async () => {
    night = await startNight({ source, target, kubernetes: 'real' })
  }, runWithinMs)
  afterAll(() => night?.stop(), 120_000)

  it.each([
    ['cutover', '9/9'],
    ['rollback', '6/6'],
    ['cutover cutover-mirror-last', '9/9'],
    ['rollback', '6/6'],
    ['cutover', '9/9'],
  ])(
    '%s: each record is processed exactly once',
    async (command, steps) => {
      const { run, judgement } = await night.run(command)
      expect(stepsPassed(run)).toBe(steps)
      expect(judgement).toMatchObject(exactlyOnce)
    },
    runWithinMs,
  )
})
