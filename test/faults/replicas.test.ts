import { afterEach, describe, expect, it } from '@jest/globals'
import { waitFor } from '../../lab/readiness.js'
import { livedThrough } from './night.js'
import { type Bot, type Scene, startScene } from './scene.js'

const sampleMs = 500
const withinMs = 240_000

/** Two bots as processes on one Redis. Needs `npm run build` before. */
describe('two replicas', () => {
  let scene: Scene
  afterEach(() => scene?.stop(), 30_000)
  const both = async () => {
    scene = await startScene({ sampleMs })
    return Promise.all(['one', 'two'].map((replica) => scene.start(replica, null)))
  }
  const samples = (bots: readonly Bot[]) =>
    bots.flatMap(({ said }) => said.filter((line) => line.startsWith('sampled')))

  it(
    'handle each interaction once though Slack delivers it to both, say each thing once, and sample once',
    async () => {
      const begun = Date.now()
      const bots = await both()
      await scene.slack.repeatNext(1000)
      expect(await livedThrough(scene)).toEqual([])
      const types = (await scene.log.entries()).map(({ event }) => event.type)
      expect(types.filter((type) => type === 'run-started')).toHaveLength(1)
      expect(types.filter((type) => type === 'approved')).toHaveLength(2 * 3)
      const taken = samples(bots).length
      expect(taken).toBeGreaterThan(2)
      expect(taken).toBeLessThanOrEqual((Date.now() - begun) / sampleMs + 1)
    },
    withinMs,
  )

  it(
    'find a post whose answer was lost, and leave one of it',
    async () => {
      await both()
      await scene.slack.fault({ method: 'chat.postMessage', answer: 'lost', calls: 3 })
      expect(await livedThrough(scene)).toEqual([])
    },
    withinMs,
  )

  it(
    'go on when one of them dies: it acts, speaks and samples alone',
    async () => {
      const [one, two] = await both()
      const begun = async () => (await scene.log.load()).state.version > 0
      expect(
        await livedThrough(scene, { meanwhile: async () => void ((await begun()) && one!.signal('SIGKILL')) }),
      ).toEqual([])
      expect(one!.hasEnded()).toBe(true)
      const before = samples([two!]).length
      expect(await waitFor(async () => samples([two!]).length > before + 2 || undefined, 30_000)).toBe(true)
    },
    withinMs,
  )
})
