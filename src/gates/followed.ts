import { z } from 'zod'
import { groupsOf } from '../proof/consumption.js'
import { copyFact, readFact } from '../proof/facts.js'
import { changes, countPartitions, fromJson, ofTopics, partitionName } from '../proof/offsets.js'
import { gate } from './gate.js'
import type { Commits, OnKafka } from './reading/clients.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})

export const followed = gate<OnKafka<Commits>, z.infer<typeof args>>({
  name: 'followed',
  proves:
    'every group is committed on the source where the copy of its next unread record of the target lies, read back from the cluster',
  args,
  needs: ['copy'],
  measure: ({ kafka }, _, look) =>
    unlessUnreadable(async () => {
      const copy = readFact(copyFact, await look.fact('copy'))
      if (!copy) return { verdict: 'failed', reason: 'no-copy', text: 'Nothing was copied back, so there is no image' }
      const groups = groupsOf(look.migration.apps)
      const commits = await kafka.source.committed(groups.map(({ group }) => group))
      const wrong = groups.flatMap(({ group, topics }) =>
        changes(fromJson(copy.images[group] ?? {}), ofTopics(commits.get(group) ?? new Map(), topics)).map(
          (one) =>
            `${group} on ${partitionName(one)} stands at ${one.to ?? 'no offset'}, its image is ${one.from ?? 'not known'}`,
        ),
      )
      if (wrong.length > 0)
        return {
          verdict: 'failed',
          reason: 'elsewhere',
          evidence: { wrong: wrong.slice(0, 10), count: wrong.length },
          text: `${count(wrong.length, 'position')} on the source not at the image of the target's: ${few(wrong, 2)}`,
        }
      const partitions = Object.values(copy.images).reduce((sum, of) => sum + countPartitions(fromJson(of)), 0)
      return {
        verdict: 'passed',
        evidence: { groups: groups.length, partitions },
        text: `${count(groups.length, 'group')} on the source stand at the images of their positions on the target on all ${count(partitions, 'partition')}, read back`,
      }
    }),
})
