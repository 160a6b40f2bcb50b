import { z } from 'zod'
import { sides } from '../config/migration.js'
import type { LoadRun } from '../connect/kafka/scratch.js'
import type { OnKafka } from '../gates/reading/clients.js'
import { bytesOf, sayBytes } from '../proof/eta.js'
import { type Capacity, capacityFact, readFact } from '../proof/facts.js'
import { action } from './action.js'

type Deps = OnKafka<{ loadRun(bounds: { forMs: number; mostBytes: number }): Promise<LoadRun> }>

const amount = z.string().refine((text) => bytesOf(text) !== undefined, 'expected an amount such as 64 MiB')
const args = z.strictObject({ side: z.enum(sides), most: amount.default('64 MiB') })
const onSchema = z.object({ side: z.enum(sides), most: amount })
const stateSchema = z.object({ measured: z.boolean() })

/** An effect has to end in 4.5 s, with making and deleting the topic. */
const forMs = 1500
/** What was measured counts for so long; then the step does it again. */
const freshMs = 24 * 3_600_000

export const loadRun = action<Deps, z.infer<typeof args>>({
  name: 'load-run',
  does: 'writes to a scratch topic of its own for 1.5 s, never more than the bound, and deletes it: what the cluster takes at least',
  args,
  gives: ['capacity'],
  async plan(_, { side, most }, { fact, now }) {
    const known = readFact(capacityFact, await fact('capacity'))?.[side]
    if (known && now - known.at < freshMs) return { effects: [] }
    return {
      effects: [
        {
          id: `load-run ${side}`,
          action: 'load-run',
          target: `${side}/scratch topic`,
          before: { measured: false },
          after: { measured: true },
          on: { side, most },
          text: `write up to ${sayBytes(bytesOf(most)!)} to a scratch topic of the ${side} and delete it`,
        },
      ],
    }
  },
  async perform({ kafka }, effect, { fact, now, stillMine }) {
    const { side, most } = onSchema.parse(effect.on)
    if (!stateSchema.parse(effect.after).measured) return { text: 'nothing is taken back: the scratch topic is gone' }
    await stillMine()
    const { bytes, ms, partitions, replicas } = await kafka[side].loadRun({
      forMs,
      mostBytes: bytesOf(most)!,
    })
    const earlier = readFact(capacityFact, await fact('capacity')) ?? {}
    const capacity: Capacity = { ...earlier, [side]: { at: now, bytesPerSecond: Math.round((bytes * 1000) / ms) } }
    return {
      text: `the ${side} took ${sayBytes((bytes * 1000) / ms)}/s on ${partitions} partitions with ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}; the scratch topic is deleted`,
      facts: { capacity },
    }
  },
})
