import { z } from 'zod'
import { sides, tiers } from '../config/migration.js'
import { groupsOf } from '../proof/consumption.js'
import { gate } from './gate.js'
import type { Groups, OnKafka } from './reading/clients.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ side: z.enum(sides), tier: z.enum(tiers).optional() })

export const groupsEmpty = gate<OnKafka<Groups>, z.infer<typeof args>>({
  name: 'groups-empty',
  proves: 'no group of these apps has a member',
  args,
  measure: ({ kafka }, { side, tier }, look) =>
    unlessUnreadable(async () => {
      const groups = groupsOf(look.migration.apps.filter((app) => !tier || app.tier === tier))
      const states = await kafka[side].describe(groups.map(({ group }) => group))
      const evidence = {
        side,
        groups: states.map(({ group, state, members }) => ({ group, state, members: members.length })),
      }
      const unknown = states.filter(({ life }) => life === 'unknown')
      const live = states.filter(({ life }) => life === 'live')
      if (live.length > 0)
        return {
          verdict: 'failed',
          reason: 'live',
          evidence,
          text: `${count(live.length, 'group')} of ${states.length} on the ${side} still live: ${few(live.map(({ group, state, members }) => `${group} (${state}${members[0] ? `, ${members[0].clientId} at ${members[0].host}` : ''})`))}`,
        }
      if (unknown.length > 0)
        return {
          verdict: 'inconclusive',
          reason: 'unknown',
          evidence,
          text: `Whether ${few(unknown.map(({ group }) => group))} has members cannot be told: the broker says ${unknown[0]?.state}`,
        }
      return { verdict: 'passed', evidence, text: `${count(states.length, 'group')} on the ${side} without a member` }
    }),
})
