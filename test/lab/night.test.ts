import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Entry, Event } from '../../src/run/events.js'
import { exactlyOnce, type Night, runWithinMs, startNight, stepsPassed } from './night.js'
import { createPods } from './night-pods.js'

/** The whole mission on real parts, in this order on one lab. Needs `npm run build` before: bot and pods run the built programs. */
describe('a night from Kafka 3.9 to 4 on a real Kubernetes API', () => {
  let night: Night
  let pods: ReturnType<typeof createPods>
  beforeAll(async () => {
    night = await startNight({ source: '3.9', target: '4', kubernetes: 'real' })
    pods = createPods(night.description)
  }, runWithinMs)
  afterAll(() => night?.stop(), 120_000)

  it(
    'cuts over though the bot is killed while producers stop, and does each step once though two people click at once and one of them twice',
    async () => {
      const { alice, bob, carol } = night.people
      const killed = night
        .until(
          'a producer stopped',
          (_, entries) => events(entries, 'effect-done', 'stop-producers').length > 0,
          runWithinMs,
        )
        .then(() => night.bot.kill())
        .then(() => night.bot.restart())
      const { run, judgement } = await night.run('cutover', [bob, carol, bob])
      await killed
      expect(stepsPassed(run)).toBe('9/9')
      expect(judgement).toMatchObject(exactlyOnce)

      const entries = await night.log.entries()
      for (const { id } of run.steps) expect(events(entries, 'step-acting', id)).toHaveLength(1)
      const done = entries.flatMap(({ event }) => (event.type === 'effect-done' ? [event.effect] : []))
      expect(done).toEqual([...new Set(done)])
      const approvals = entries.filter(({ event }) => event.type === 'approved')
      expect(approvals.some(({ by }) => by.kind === 'person' && by.id === alice.user)).toBe(false)
    },
    runWithinMs,
  )

  it(
    'rolls back, and says the lag as a line of text where no picture can be shown',
    async () => {
      expect((await night.people.alice.state()).refusals).toEqual([])
      await night.slack.removeScopes('files:write')
      const { run, judgement } = await night.run('rollback')
      expect(stepsPassed(run)).toBe('6/6')
      expect(judgement).toMatchObject(exactlyOnce)

      const { channels, refusals } = await night.people.alice.state()
      const shown = JSON.stringify(
        channels.flatMap(({ messages }) => messages.filter((message) => speaksOf(message, run.id))),
      )
      expect(shown).toMatch(/[▂▃▄▅▆▇█]/)
      expect(refusals.filter(({ method }) => !method.startsWith('files.'))).toEqual([])
      await night.slack.heal()
    },
    runWithinMs,
  )

  it(
    'changes nothing more after an abort while a drain is awaited, and resumes to the end',
    async () => {
      const { carol } = night.people
      const aborted = (async () => {
        const here = (await night.log.load()).state.version
        const since = (entries: readonly Entry[]) => entries.slice(here)
        await night.until(
          'producers stopping',
          (_, all) => events(since(all), 'step-acting', 'stop-producers').length > 0,
          runWithinMs,
        )
        await pods.pause('source', 'billing')
        await night.until('a drain awaited', (_, all) =>
          events(since(all), 'check-changed', 'stop-producers').some(({ gates }) =>
            gates.some(({ gate, verdict }) => gate.startsWith('drained') && verdict === 'failed'),
          ),
        )
        await carol.command('/migrate abort the pager rang')
        const at = await night.until('the abort', ({ run }) => run?.phase.is === 'stopped' && run.phase.at)
        await pods.resume('source', 'billing')
        // Longer than the step would have needed to pass; the sampler shows that the bot lives.
        await night.looksOnAfter(at + 15_000)
        await carol.command('/migrate resume')
      })()
      const [{ run, judgement }] = await Promise.all([night.run('cutover cutover-mirror-last'), aborted])
      expect(stepsPassed(run)).toBe('9/9')
      expect(judgement).toMatchObject(exactlyOnce)

      const entries = await night.log.entries()
      const abort = entries.findIndex(({ event }) => event.type === 'run-aborted')
      const resume = entries.findIndex(({ event }) => event.type === 'run-resumed')
      expect(entries.slice(abort + 1, resume).map(({ event }) => event.type)).toEqual(
        expect.not.arrayContaining(['effects-claimed', 'effect-done', 'effect-failed']),
      )
    },
    runWithinMs,
  )

  it(
    'rolls back again',
    async () => {
      const { run, judgement } = await night.run('rollback')
      expect(stepsPassed(run)).toBe('6/6')
      expect(judgement).toMatchObject(exactlyOnce)
    },
    runWithinMs,
  )

  it(
    'raises an alert by itself while a consumer stands still, and closes it when it goes on',
    async () => {
      const cause = 'lag/source/fulfilment'
      await pods.pause('source', 'fulfilment')
      const raised = await night
        .until('the alert', ({ alerts }) => alerts.find((one) => one.cause === cause && !one.closed))
        .finally(() => pods.resume('source', 'fulfilment'))
      expect(raised.title).toMatch(/fulfilment is (stalled|stopped)/)
      await night.people.alice.waitForMessage(({ text }) => text.includes(raised.title), 30_000)
      await night.until('its end', ({ alerts }) => alerts.find((one) => one.id === raised.id)?.closed)
      await night.people.alice.waitForMessage(({ text }) => text.startsWith('Over after'), 30_000)
    },
    runWithinMs,
  )

  it(
    'says that a pod was killed at its memory limit, and not something like it',
    async () => {
      if ('missing' in night.limits) return night.say(`skipped: pods have no limits here: ${night.limits.missing}`)
      // Far below what the program takes: of its pages those that others have read already are not charged to it.
      await pods.limitMemory('source', 'stock', '8Mi')
      const cause = 'pods/source/memory-limit'
      const { text } = await night
        .until('the alert', ({ alerts }) => alerts.find((one) => one.cause === cause))
        .finally(() => pods.limitMemory('source', 'stock', null))
      expect(text).toMatch(/limit 8Mi/)
      expect(text).toMatch(/resources\.limits\.memory/)
      await night.people.alice.waitForMessage((message) => message.text.includes('killed at the memory limit'), 30_000)
    },
    runWithinMs,
  )

  it('was never refused anything by Slack that it should have known better', async () => {
    expect((await night.people.alice.state()).refusals).toEqual([])
  })
})

const speaksOf = (message: object, run: string) => JSON.stringify(message).includes(run)

function events<Type extends Event['type']>(entries: readonly Entry[], type: Type, step: string) {
  return entries.flatMap(({ event }) =>
    event.type === type && 'step' in event && event.step === step ? [event as Extract<Event, { type: Type }>] : [],
  )
}
