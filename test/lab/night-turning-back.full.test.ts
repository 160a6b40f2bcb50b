import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { pairs, runbooks, thereBackAndThere, turningPoints } from './matrix.js'
import { exactlyOnce, type Night, runWithinMs, startNight } from './night.js'

/** Every step at which people may turn back, both orders, both pairs of versions. One lab a pair: each cell begins with all that the cells before left behind. */
describe.each(pairs)('turning back at any step, from Kafka $source to $target', ({ source, target }) => {
  let night: Night
  beforeAll(async () => {
    night = await startNight({ source, target, kubernetes: 'embedded' })
  }, runWithinMs)
  afterAll(() => night?.stop(), 120_000)

  describe.each(runbooks)('%s', (runbook) => {
    it.each(turningPoints)(
      'after step %i, and cutting over again: each order is processed exactly once',
      async (steps) => {
        await thereBackAndThere(night, { runbook, steps })
        const home = await night.run('rollback')
        expect(home.judgement).toMatchObject(exactlyOnce)
      },
      3 * runWithinMs,
    )
  })
})
