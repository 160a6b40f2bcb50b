import { z } from 'zod'
import { sides } from '../config/migration.js'
import { groupsOf } from '../proof/consumption.js'
import { lagOf } from '../proof/lag.js'
import { gate } from './gate.js'
import type { Commits, Ends, Groups, OnKafka } from './reading/clients.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ side: z.enum(sides) })
const lastSchema = z.object({ first: z.record(z.string(), z.number()) })
/** What a group that keeps up may have before it at any moment. */
const nearZero = 100

export const lagFalls = gate<OnKafka<Ends & Commits & Groups>, z.infer<typeof args>>({
  name: 'lag-falls',
  proves: 'every group has members, and its lag is near zero or smaller than at the first look',
  args,
  measure: ({ kafka }, { side }, look) =>
    unlessUnreadable(async () => {
      const groups = groupsOf(look.migration.apps)
      const names = groups.map(({ group }) => group)
      const topics = [...new Set(groups.flatMap((one) => one.topics))]
      const [commits, ends, states] = await Promise.all([
        kafka[side].committed(names),
        kafka[side].endOffsets(topics),
        kafka[side].describe(names),
      ])
      const lags = Object.fromEntries(groups.map((one) => [one.group, lagOf(one, commits, ends)]))
      const first = lastSchema.safeParse(look.last).data?.first ?? lags
      const evidence = { side, first, lags }
      const asleep = states.filter(({ life }) => life !== 'live').map(({ group, state }) => `${group} (${state})`)
      if (asleep.length > 0)
        return {
          verdict: 'failed',
          reason: 'no-members',
          evidence,
          text: `Nobody reads for ${few(asleep)} on the ${side}`,
        }
      const bound = Math.min(nearZero, look.migration.alerts.lag.records)
      const stuck = names.filter((group) => (lags[group] ?? 0) > bound && (lags[group] ?? 0) >= (first[group] ?? 0))
      const sum = Object.values(lags).reduce((all, lag) => all + lag, 0)
      if (stuck.length > 0)
        return {
          verdict: 'failed',
          reason: 'not-falling',
          evidence,
          text: `The lag does not fall for ${few(stuck.map((group) => `${group} (${lags[group]} offsets)`))}`,
        }
      return {
        verdict: 'passed',
        evidence,
        text: `The lag of ${count(names.length, 'group')} on the ${side} falls or is near zero: ${count(sum, 'offset')} in all`,
      }
    }),
})
