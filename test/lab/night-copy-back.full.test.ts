import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { exactlyOnce, type Night, runWithinMs, startNight, stepsPassed } from './night.js'
import { createPods } from './night-pods.js'

/** The target has gone bad after the pivot: what was born there is read by nobody, and its readers never start. */
describe('a night on which the target is sick', () => {
  let night: Night
  let pods: ReturnType<typeof createPods>
  beforeAll(async () => {
    night = await startNight({ source: '3.9', target: '4', kubernetes: 'embedded' })
    pods = createPods(night.description)
  }, runWithinMs)
  afterAll(() => night?.stop(), 120_000)

  it.each(['cutover', 'cutover-mirror-last'])(
    '%s: a rollback that cannot drain gives way to copying back, and each order is processed exactly once',
    async (runbook) => {
      const fromMs = Date.now()
      await pods.cripple('target', 'billing')
      await night.ask(`cutover ${runbook}`)
      await night.approveAll([night.people.bob], (run) => run.steps[6]?.phase.is === 'passed' || startsConsumers(run))
      await night.people.alice.command('/migrate rollback readers do not start')
      await night.until('the rollback', ({ run }) => run?.runbook.name === 'rollback')
      await night.approveAll([night.people.bob], (run) => run.steps[1]?.phase.is === 'checking')
      await night.people.alice.command('/migrate rollback copy they never will')
      await night.until('the copying', ({ run }) => run?.runbook.name === 'rollback-copy')
      const back = await night.approveAll()
      expect(stepsPassed(back)).toBe('7/7')
      const judgement = await night.judged(fromMs)
      expect(judgement).toMatchObject(exactlyOnce)
      await pods.heal('target', 'billing')

      const again = await night.run(`cutover ${runbook}`)
      expect(stepsPassed(again.run)).toBe('9/9')
      expect(again.judgement).toMatchObject(exactlyOnce)
      const home = await night.run('rollback')
      expect(home.judgement).toMatchObject(exactlyOnce)
    },
    4 * runWithinMs,
  )
})

/** The step that would wait for the crippled app. */
const startsConsumers = (run: Parameters<typeof stepsPassed>[0]) =>
  run.steps.some(({ id, phase }) => (id === 'start-consumers' || id === 'start-downstream') && phase.is === 'checking')
