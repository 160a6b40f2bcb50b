import { z } from 'zod'
import { type Side, sides } from '../config/migration.js'
import type { ListedGroup } from '../connect/kafka/types.js'
import { groupsOf } from '../proof/consumption.js'
import { gate } from './gate.js'
import type { Commits, Groups, OnKafka } from './reading/clients.js'
import { isNamed } from './reading/named.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

interface Listed {
  listed(): Promise<readonly ListedGroup[]>
}

const args = z.strictObject({ side: z.enum(sides) })

/** Kafka Connect's workers and the like use groups without reading topics; consumers say `consumer`, those that only commit nothing. */
const readers = new Set(['consumer', ''])

export const groupsKnown = gate<OnKafka<Listed & Groups & Commits>, z.infer<typeof args>>({
  name: 'groups-known',
  proves:
    'every group that reads a mirrored topic belongs to an app or is named as one that stays, and apps subscribe to what migration.yaml says',
  args,
  measure: ({ kafka }, { side }, look) =>
    unlessUnreadable(async () => {
      const { apps, topics, groups: named } = look.migration
      const known = new Map(groupsOf(apps).map((one) => [one.group, one]))
      const listed = await kafka[side].listed()
      const strangers = listed
        .filter(
          ({ group, protocolType }) => readers.has(protocolType) && !known.has(group) && !isNamed(named.stay, group),
        )
        .map(({ group }) => group)
      const mirrored = new Set(topics)
      const [unknown, ours] = await Promise.all([
        readBy(kafka[side], strangers, mirrored),
        readBy(kafka[side], [...known.keys()], mirrored),
      ])
      const unaccounted = unknown.filter(({ reads, unclear }) => reads.length > 0 || unclear)
      const absent = ours.filter(({ life }) => life === 'absent').map(({ group }) => group)
      const odd = ours.flatMap(({ group, subscribes }) => {
        const declared = known.get(group)!.topics
        const more = subscribes.filter((topic) => mirrored.has(topic) && !declared.includes(topic))
        const less = subscribes.length > 0 ? declared.filter((topic) => !subscribes.includes(topic)) : []
        return [
          ...more.map((topic) => `${group} reads ${topic}, which its app does not say it consumes`),
          ...less.map((topic) => `${group} does not read ${topic}, which its app says it consumes`),
        ]
      })
      const evidence = {
        side,
        unaccounted: unaccounted.map(({ group, reads }) => ({ group, reads: [...reads] })),
        absent,
        odd,
        subscriptions: Object.fromEntries(ours.map(({ group, subscribes }) => [group, [...subscribes]])),
      }
      const wrong = [
        ...(unaccounted.length > 0
          ? [
              `${count(unaccounted.length, 'group')} of no app: ${few(unaccounted.map(({ group, reads }) => `${group} (${few(reads, 2) || 'reads what cannot be seen'})`))}; add its app, or name it under groups.stay in migration.yaml`,
            ]
          : []),
        ...(absent.length > 0 ? [`never seen on the ${side}: ${few(absent)}; compare the names`] : []),
        ...(odd.length > 0 ? [few(odd)] : []),
      ]
      if (wrong.length > 0)
        return {
          verdict: 'failed',
          reason: unaccounted.length > 0 ? 'unaccounted' : absent.length > 0 ? 'absent' : 'subscription',
          evidence,
          text: wrong.join('; '),
        }
      const live = ours.filter(({ subscribes }) => subscribes.length > 0).length
      return {
        verdict: 'passed',
        evidence,
        text: `All ${listed.length} groups of the ${side} are accounted for; ${count(live, 'group')} of ${known.size} shown by live members to read what migration.yaml says`,
      }
    }),
})

/** What groups read of the mirrored topics: by their commits, and by what their live members subscribe to. */
async function readBy(
  kafka: OnKafka<Groups & Commits>['kafka'][Side],
  groups: readonly string[],
  mirrored: ReadonlySet<string>,
) {
  const [states, commits] = await Promise.all([kafka.describe(groups), kafka.committed(groups)])
  return states.map(({ group, life, members }) => {
    const subscribes = [...new Set(members.flatMap((member) => member.subscribes ?? []))]
    const committed = [...(commits.get(group) ?? [])].flatMap(([topic, of]) => (of.size > 0 ? [topic] : []))
    return {
      group,
      life,
      subscribes,
      reads: [...new Set([...subscribes, ...committed])].filter((topic) => mirrored.has(topic)),
      /** It lives, and neither commits nor members say what it reads. */
      unclear: life === 'live' && subscribes.length + committed.length === 0,
    }
  })
}
