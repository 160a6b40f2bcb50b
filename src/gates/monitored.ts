import { z } from 'zod'
import { sides } from '../config/migration.js'
import type { PrometheusSample } from '../connect/prometheus/prometheus.js'
import { gate } from './gate.js'
import { count } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

interface Deps {
  readonly prometheus: (url: string, query: string) => Promise<readonly PrometheusSample[]>
}

const args = z.strictObject({})

export const monitored = gate<Deps, z.infer<typeof args>>({
  name: 'monitored',
  proves: "both clusters are monitored: Prometheus has fresh samples of each side's brokers, and all of them are up",
  args,
  measure: ({ prometheus }, _, look) =>
    unlessUnreadable(async () => {
      const { monitoring } = look.migration
      if (!monitoring)
        return {
          verdict: 'failed',
          reason: 'undeclared',
          text: 'migration.yaml does not say where the clusters are monitored: give monitoring: for both sides',
        }
      const seen = await Promise.all(
        sides.map(async (side) => {
          const samples = await prometheus(monitoring[side].url, monitoring[side].query)
          return { side, up: samples.filter(({ value }) => value > 0).length, of: samples.length }
        }),
      )
      const evidence = Object.fromEntries(seen.map(({ side, up, of }) => [side, { up, of }]))
      const said = seen.map(({ side, up, of }) => `${up} of ${count(of, 'target')} up on the ${side}`).join(', ')
      const dark = seen.filter(({ up, of }) => of === 0 || up < of)
      if (dark.length > 0)
        return {
          verdict: 'failed',
          reason: dark.some(({ of }) => of === 0) ? 'unseen' : 'down',
          evidence,
          text: `Monitoring: ${said}. See what Prometheus scrapes there, or whether the query is right`,
        }
      return { verdict: 'passed', evidence, text: `Both sides are monitored: ${said}` }
    }),
})
