import { z } from 'zod'
import { sides } from '../config/migration.js'
import { groupsOf } from '../proof/consumption.js'
import { readFact, waterlineFact } from '../proof/facts.js'
import { changes, countPartitions, fromJson, ofTopics, partitionName } from '../proof/offsets.js'
import { gate } from './gate.js'
import type { Commits, Ends, OnKafka } from './reading/clients.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ side: z.enum(sides) })

export const positioned = gate<OnKafka<Commits & Ends>, z.infer<typeof args>>({
  name: 'positioned',
  proves:
    'every group is committed at the waterline on every partition of every topic it subscribes to, read back from the cluster',
  args,
  needs: ['waterline'],
  measure: ({ kafka }, { side }, look) =>
    unlessUnreadable(async () => {
      const fact = readFact(waterlineFact, await look.fact('waterline'))
      if (!fact)
        return {
          verdict: 'failed',
          reason: 'no-waterline',
          text: 'No waterline is recorded, so no group has a place to start from',
        }
      const groups = groupsOf(look.migration.apps)
      const topics = [...new Set(groups.flatMap((one) => one.topics))]
      const [commits, ends] = await Promise.all([
        kafka[side].committed(groups.map(({ group }) => group)),
        kafka[side].endOffsets(topics),
      ])
      const waterline = fromJson(fact.offsets)
      const born = changes(ofTopics(waterline, topics), ends).filter(({ from }) => from === undefined)
      const wrong = groups.flatMap(({ group, topics: of }) =>
        changes(ofTopics(waterline, of), ofTopics(commits.get(group) ?? new Map(), of)).map(
          (one) =>
            `${group} on ${partitionName(one)} stands at ${one.to ?? 'no offset'}, the waterline is ${one.from ?? 'not known there'}`,
        ),
      )
      if (born.length > 0)
        return {
          verdict: 'failed',
          reason: 'new-partitions',
          text: `${count(born.length, 'partition')} came after the waterline: ${few(born.map(partitionName))}. Record it again`,
        }
      if (wrong.length > 0)
        return {
          verdict: 'failed',
          reason: 'elsewhere',
          evidence: { wrong: wrong.slice(0, 10), count: wrong.length },
          text: `${count(wrong.length, 'position')} on the ${side} not at the waterline: ${few(wrong, 2)}`,
        }
      const partitions = groups.reduce((sum, one) => sum + countPartitions(ofTopics(waterline, one.topics)), 0)
      return {
        verdict: 'passed',
        evidence: { groups: groups.length, partitions },
        text: `${count(groups.length, 'group')} on the ${side} stand at the waterline on all ${count(partitions, 'partition')} they subscribe to, read back`,
      }
    }),
})
