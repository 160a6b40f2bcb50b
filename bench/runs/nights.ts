import { Redis } from 'ioredis'
import { createLogStore } from '../../src/connect/redis/index.js'
import { createLog } from '../../src/log/submit.js'
import type { Entry } from '../../src/run/events.js'
import { faults } from '../../test/faults/faults.js'
import { livedThrough } from '../../test/faults/night.js'
import { play } from '../../test/faults/play.js'
import { startScene } from '../../test/faults/scene.js'
import { startRedis } from '../../test/redis.js'
import { createWorld } from '../../test/run/world.js'

/** From the deciding approval to the claim of the first effect, one for each step; the gates of the model take no time. */
export async function approvalToEffect(): Promise<readonly number[]> {
  const scene = await startScene()
  try {
    await scene.start('one', null)
    const broken = await livedThrough(scene)
    if (broken.length) throw new Error(`The night broke its promises: ${broken.join('; ')}`)
    const entries = await scene.log.entries()
    return entries.flatMap(({ event, at }, i) => {
      if (event.type !== 'approved' || !event.enough) return []
      const claimed = entries.slice(i).find((entry) => entry.event.type === 'effects-claimed')
      return claimed ? [claimed.at - at] : []
    })
  } finally {
    await scene.stop()
  }
}

/** One of two replicas dies with an effect in its hands: until the other has the next event in the log. */
export async function killToGoingOn(): Promise<number> {
  const fault = faults.find(({ name }) => name === 'one of two killed before an effect')!
  const { broken, wentOnAfterMs } = await play({ fault, step: 'one' }, 0)
  if (broken.length || wentOnAfterMs === null) throw new Error(`The night broke its promises: ${broken.join('; ')}`)
  return wentOnAfterMs
}

const events = 10_000

/** A replica starts on a log of ten thousand events, of nights that went their whole way. */
export async function rebuild(): Promise<number> {
  const world = createWorld('operators')
  while (world.entries.length < events) world.calm(20)
  const server = await startRedis()
  const redis = new Redis(server.url)
  try {
    const store = createLogStore<Entry>(redis, 'log')
    for (let at = 0; at < events; at += 500) await store.append(at, world.entries.slice(at, Math.min(at + 500, events)))
    const begun = performance.now()
    const { state } = await createLog(store, () => {}).load()
    if (state.version !== events) throw new Error(`The log was read up to ${state.version}.`)
    return performance.now() - begun
  } finally {
    redis.disconnect()
    await server.stop()
  }
}
