import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Night, runWithinMs, startNight, stepsPassed } from './night.js'

/** Needs `npm run build` before, as every test of a night. */
describe('before a night, from Kafka 2.4 to 2.8', () => {
  let night: Night
  beforeAll(async () => {
    night = await startNight({ source: '2.4', target: '2.8', kubernetes: 'embedded' })
  }, runWithinMs)
  afterAll(() => night?.stop(), 120_000)

  it(
    'says what differs, mends what may be mended after approval, and is ready',
    async () => {
      const { alice } = night.people
      await alice.command('/migrate ready')
      const { text } = await alice.waitForMessage((message) => message.text.startsWith('Measured now'), 60_000)
      night.say(text)
      // What 2.8 lets a message be larger by stays, and nothing else is in the way.
      expect(text).toMatch(/orders max.message.bytes 1000012 \/ 1048588/)
      expect(text).not.toMatch(/stop prepare; \d+ would|Could not be measured/)

      const { run } = await night.run('cutover prepare')
      expect(stepsPassed(run)).toBe(`${run.steps.length}/${run.steps.length}`)
    },
    runWithinMs,
  )
})
