import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { waitFor } from '../../lab/readiness.js'
import type { SlackPerson } from '../../lab/slack/client.js'
import { verify } from '../../src/log/chain.js'
import { buttonsIn } from '../lab/night-buttons.js'
import { operator } from './model.js'
import { type Scene, startScene } from './scene.js'

const approvers = Array.from({ length: 100 }, (_, i) => operator(`P${i}`))
const clicksEach = 10
const withinMs = 240_000

/** Bots as processes, real Redis, Slack's stand-in with Socket Mode. Needs `npm run build` before. */
describe('a thousand clicks at once on one step, over two replicas', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await startScene({ people: [operator('Alice'), ...approvers], approvals: approvers.length })
    await Promise.all(['one', 'two'].map((replica) => scene.start(replica, null)))
  }, withinMs)
  afterAll(() => scene?.stop(), withinMs)
  const decided = async () =>
    (await scene.log.entries()).flatMap(({ event, by }) =>
      event.type === 'approved' && event.step === 'one' && by.kind === 'person' ? [by.id] : [],
    )

  it(
    'are one decision for each person, none lost, and nobody is told otherwise',
    async () => {
      await scene.person('Alice').command('/migrate cutover night')
      const button = await waitFor(
        async () => buttonsIn(await scene.state()).find(({ label }) => label === 'Approve'),
        withinMs,
      )
      // A connection may break in the crowd; that person clicks once more.
      const click = (person: SlackPerson): Promise<unknown> =>
        person.click(button!.message, button!.actionId).catch((error: Error) => {
          if (error.message !== 'fetch failed') throw error
          return click(person)
        })
      await Promise.all(
        approvers.flatMap(({ name }) => Array.from({ length: clicksEach }, () => click(scene.person(name)))),
      )

      // Whom Slack told that the bot did not respond clicks again, as people do; whoever was told nothing is in the log in the end.
      await waitFor(
        async () => {
          const recorded = await decided()
          const missing = approvers.filter(({ id }) => !recorded.includes(id))
          const { ephemerals } = await scene.state()
          const failed = missing.filter(({ id }) =>
            ephemerals.some(({ to, text }) => to === id && /did not respond|Not recorded/.test(text)),
          )
          await Promise.all(failed.map(({ name }) => click(scene.person(name)).catch(() => {})))
          return missing.length === 0 || undefined
        },
        withinMs,
        1000,
      )
      await waitFor(async () => scene.estate.performed.length === 2 || undefined, withinMs)

      expect([...scene.estate.performed].sort()).toEqual(['a=0', 'b=0'])
      expect([...(await decided())].sort()).toEqual(approvers.map(({ id }) => id).sort())
      expect(verify(await scene.log.entries())).toBeNull()
      const { ephemerals, bot } = await scene.state()
      const told = ephemerals.filter(({ to, user }) => user === bot.user && to !== operator('Alice').id)
      expect(told.filter(({ text }) => !/already|no longer|Not recorded/.test(text))).toEqual([])
    },
    withinMs,
  )
})
