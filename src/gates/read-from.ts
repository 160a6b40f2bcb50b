import { z } from 'zod'
import { sides, tiers } from '../config/migration.js'
import { groupsOf } from '../proof/consumption.js'
import { readFact, waterlineFact } from '../proof/facts.js'
import { eachPartition, fromJson, offsetOf, ofTopics, partitionName } from '../proof/offsets.js'
import { gate } from './gate.js'
import type { Commits, Ends, Groups, OnKafka } from './reading/clients.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ side: z.enum(sides), tier: z.enum(tiers), at: z.literal('waterline') })

export const readFrom = gate<OnKafka<Commits & Ends & Groups>, z.infer<typeof args>>({
  name: 'read-from',
  proves: 'the groups of the tier have members and read on from the waterline, never from below it',
  args,
  needs: ['waterline'],
  measure: ({ kafka }, { side, tier }, look) =>
    unlessUnreadable(async () => {
      const groups = groupsOf(look.migration.apps.filter((app) => app.tier === tier))
      const fact = readFact(waterlineFact, await look.fact('waterline'))
      if (!fact) return { verdict: 'failed', reason: 'no-waterline', text: 'No waterline is recorded' }
      const waterline = fromJson(fact.offsets)
      const names = groups.map(({ group }) => group)
      const topics = [...new Set(groups.flatMap((one) => one.topics))]
      const [commits, ends, states] = await Promise.all([
        kafka[side].committed(names),
        kafka[side].endOffsets(topics),
        kafka[side].describe(names),
      ])
      const asleep = states.filter(({ life }) => life !== 'live').map(({ group, state }) => `${group} (${state})`)
      const below: string[] = []
      const waiting: string[] = []
      let read = 0n
      for (const { group, topics: of } of groups) {
        let mine = 0n
        let there = 0n
        for (const { topic, partition, offset } of eachPartition(ofTopics(waterline, of))) {
          const one = { topic, partition }
          const committed = offsetOf(commits.get(group) ?? new Map(), one)
          if (committed === undefined || committed < offset)
            below.push(`${group} on ${partitionName(one)} at ${committed ?? 'no offset'}, below ${offset}`)
          else mine += committed - offset
          there += (offsetOf(ends, one) ?? offset) - offset
        }
        read += mine
        if (mine === 0n && there > 0n) waiting.push(group)
      }
      const evidence = { side, read: Number(read), below: below.slice(0, 10), waiting }
      if (below.length > 0)
        return {
          verdict: 'failed',
          reason: 'below',
          evidence,
          text: `${count(below.length, 'position')} below the waterline: ${few(below, 2)}. Stop the group: it processes again what the source has processed`,
        }
      if (asleep.length > 0)
        return {
          verdict: 'failed',
          reason: 'no-members',
          evidence,
          text: `Nobody reads yet for ${few(asleep)} on the ${side}`,
        }
      if (waiting.length > 0)
        return {
          verdict: 'failed',
          reason: 'not-moved',
          evidence,
          text: `${few(waiting)} ${waiting.length === 1 ? 'stands' : 'stand'} at the waterline with records above it`,
        }
      return {
        verdict: 'passed',
        evidence,
        text: `${count(groups.length, 'group')} of the ${tier} read on from the waterline, ${count(Number(read), 'offset')} so far, none from below it`,
      }
    }),
})
