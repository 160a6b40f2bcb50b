import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { waitFor } from '../../lab/readiness.js'
import { currentStep } from '../../src/run/state.js'
import { createHands, missingTools } from './by-hand.js'
import { exactlyOnce, type Night, runWithinMs, startNight } from './night.js'
import { buttonsIn } from './night-buttons.js'

/** The bot dies in the middle and nobody starts it again: whoever has the pack and the field's own tools ends the night. */
describe('a night that is finished by hand from the break-glass pack', () => {
  const missing = missingTools()
  let night: Night
  let hands: Awaited<ReturnType<typeof createHands>>
  beforeAll(async () => {
    if (missing.length) return
    night = await startNight({ source: '3.9', target: '4', kubernetes: 'real' })
    hands = await createHands(night.description, night.say)
  }, runWithinMs)
  afterAll(() => night?.stop(), 120_000)

  it(
    'after step 5: positions from its files, pods by kubectl, and nothing is lost or repeated',
    async () => {
      if (missing.length) return console.warn(`skipped: this machine has no ${missing.join(', ')}`)
      const { alice } = night.people
      const fromMs = Date.now()
      await alice.command('/migrate cutover')
      await approveUntil('start-producers')
      const pack = await fileOf('break-glass-after-stop-dam.txt')
      await night.bot.kill()
      await hands.take(pack, 'WAY ON')
      expect(await night.judged(fromMs)).toMatchObject(exactlyOnce)
    },
    runWithinMs,
  )

  it.each([
    ['back to the source while everything runs on the target', 'WAY ON: everything to the source'],
    ['all of the night, before its first step', 'WAY ON: everything to the target'],
  ])(
    '%s, and nothing is lost or repeated',
    async (_, way) => {
      if (missing.length) return console.warn(`skipped: this machine has no ${missing.join(', ')}`)
      const { alice } = night.people
      const fromMs = Date.now()
      await night.bot.restart()
      const { run } = (await night.log.load()).state
      if (run?.phase.is === 'open') {
        await alice.command('/migrate abort it is finished by hand')
        await alice.command('/migrate close it is finished by hand')
      }
      await alice.command('/migrate pack')
      const pack = await fileOf('break-glass.txt', fromMs)
      await night.bot.kill()
      expect(pack).toContain(way)
      await hands.take(pack, 'WAY ON')
      expect(await night.judged(fromMs)).toMatchObject(exactlyOnce)
    },
    runWithinMs,
  )

  /** Approves each question until that step asks. */
  async function approveUntil(last: string): Promise<void> {
    const { alice, bob } = night.people
    const clicked = new Set<string>()
    for (;;) {
      const next = await waitFor(
        async () => {
          const { run } = (await night.log.load()).state
          const step = run && currentStep(run)
          if (step?.phase.is === 'failed') throw new Error(`${step.id} failed: ${step.phase.why}`)
          if (step?.id === last && step.phase.is === 'asking') return 'there' as const
          const buttons = buttonsIn(await alice.state())
          return step?.id === last
            ? undefined
            : buttons.find(({ label, identity }) => label === 'Approve' && !clicked.has(identity))
        },
        runWithinMs,
        200,
      )
      if (!next) throw new Error(`${last} was not reached`)
      if (next === 'there') return
      clicked.add(next.identity)
      night.say(`${next.label}: ${next.title}`)
      await bob.click(next.message, next.actionId)
    }
  }

  /** The file of that name in the channel's threads, as somebody downloads it. */
  async function fileOf(name: string, fromMs = 0): Promise<string> {
    const file = await night.people.alice.waitFor(
      ({ channels }) =>
        channels
          .flatMap(({ messages }) => messages.filter(({ ts }) => Number(ts) * 1000 >= fromMs))
          .flatMap((message) => message.files ?? [])
          .find((one) => one.name === name),
      60_000,
    )
    return (await fetch(`${night.description.slack.page}/lab/file/${file.id}`)).text()
  }
})
