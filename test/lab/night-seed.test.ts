import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { exactlyOnce, type Night, runWithinMs, startNight, stepsPassed } from './night.js'

/** The other pair of versions: ZooKeeper on both sides, old request versions, the embedded Kubernetes API. */
describe('a night from Kafka 2.4 to 2.8', () => {
  let night: Night
  beforeAll(async () => {
    night = await startNight({ source: '2.4', target: '2.8', kubernetes: 'embedded' })
  }, runWithinMs)
  afterAll(() => night?.stop(), 120_000)

  it(
    'passes all gates of a cut-over, and loses and repeats nothing',
    async () => {
      const { run, judgement } = await night.run('cutover')
      expect(stepsPassed(run)).toBe('9/9')
      expect(judgement).toMatchObject(exactlyOnce)
    },
    runWithinMs,
  )
})
