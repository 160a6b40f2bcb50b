import { z } from 'zod'
import { sides } from '../config/migration.js'
import type { Offsets } from '../connect/kafka/types.js'
import { groupsOf, type ReadingGroup } from '../proof/consumption.js'
import type { GroupRemainder } from '../proof/drained.js'
import { type Certificate, type Certificates, certificateFact, readFact } from '../proof/facts.js'
import { ofTopics, partitionName, toJson } from '../proof/offsets.js'
import { digest } from '../runbook/json.js'
import type { Measured } from '../runbook/language.js'
import { gate } from './gate.js'
import type { Commits, Ends, OnKafka, Scans, Starts } from './reading/clients.js'
import { remainingOf } from './reading/remaining.js'
import { at, count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ side: z.enum(sides) })

/** Per group what is left, and since when its commits stand still. */
const evidenceSchema = z.object({
  groups: z.array(
    z.object({
      group: z.string(),
      remaining: z.number(),
      explained: z.number(),
      commits: z.string(),
      stillSince: z.number(),
    }),
  ),
})

type Still = z.infer<typeof evidenceSchema>['groups'][number]

export const drained = gate<OnKafka<Ends & Starts & Commits & Scans>, z.infer<typeof args>>({
  name: 'drained',
  proves:
    'every group has read every data record of its topics, by reading from its commits to the log ends, and its commits stand still',
  args,
  gives: ['certificate'],
  measure: ({ kafka }, { side }, look) =>
    unlessUnreadable(async () => {
      const { apps, topics } = look.migration
      const groups = groupsOf(apps)
      const { left, commits, ends } = await remainingOf(kafka[side], groups, topics)

      const certified = readFact(certificateFact, await look.fact('certificate'))
      const last = new Map(evidenceSchema.safeParse(look.last).data?.groups.map((one) => [one.group, one]))
      const still = groups.map(({ group, topics: of }) =>
        standStill(
          group,
          ofTopics(commits.get(group) ?? new Map(), of),
          { before: last.get(group), now: look.now },
          certified?.[side],
        ),
      )
      const evidence = {
        side,
        groups: left.map(({ group, remaining, explained }, i) => ({ group, remaining, explained, ...still[i]! })),
        remaining: left.reduce((sum, { remaining }) => sum + remaining, 0),
      }
      const behind = left.filter(({ remaining }) => remaining > 0)
      if (behind.length > 0)
        return { verdict: 'failed', reason: 'unread', evidence, text: sayBehind(behind, left.length) }

      const settling = groups.filter(({ settleMs }, i) => look.now - still[i]!.stillSince < settleMs)
      if (settling.length > 0)
        return {
          verdict: 'failed',
          reason: 'settling',
          evidence,
          text: `Nothing is left to read; waiting for the commits of ${few(settling.map(({ group }) => group))} to stand still for ${Math.max(...settling.map(({ settleMs }) => settleMs))} ms`,
        }
      const subscribed = commitsOf(groups, commits)
      const certificate: Certificates = {
        ...certified,
        side,
        [side]: {
          at: look.now,
          ends: toJson(ends),
          commits: Object.fromEntries(subscribed.map(([group, of]) => [group, toJson(of)])),
          stillSince: Object.fromEntries(groups.map(({ group }, i) => [group, still[i]!.stillSince])),
        },
      }
      return { verdict: 'passed', evidence, text: sayDrained(left, groups), facts: { certificate } } satisfies Measured
    }),
})

function commitsOf(groups: ReturnType<typeof groupsOf>, commits: ReadonlyMap<string, Offsets>): [string, Offsets][] {
  return groups.map(({ group, topics }) => [group, ofTopics(commits.get(group) ?? new Map(), topics)])
}

/** Since when the commits are what they are now: by the last look, or by the certificate of an earlier step if they still equal it. */
function standStill(
  group: string,
  commits: Offsets,
  { before, now }: { readonly before: Still | undefined; readonly now: number },
  certified: Certificate | undefined,
) {
  const mark = digest(toJson(commits))
  const vouched = certified?.commits[group]
  const since = [
    now,
    before?.commits === mark ? before.stillSince : now,
    vouched && digest(vouched) === mark ? (certified.stillSince?.[group] ?? certified.at) : now,
  ]
  return { commits: mark, stillSince: Math.min(...since) }
}

function sayBehind(behind: readonly GroupRemainder[], all: number): string {
  const worst = [...behind].sort((a, b) => b.remaining - a.remaining)
  const each = worst.map(({ group, remaining, worst: where }) => {
    const oldest = where?.oldest === undefined ? '' : `, oldest of ${at(where.oldest)}`
    const never = where?.uncommitted ? ', never committed there' : ''
    return `${group} ${count(remaining, 'record')}${where ? ` (most in ${partitionName(where)}${oldest}${never})` : ''}`
  })
  return `${all - behind.length} of ${count(all, 'group')} drained. Left to read: ${few(each)}`
}

function sayDrained(left: readonly GroupRemainder[], groups: readonly ReadingGroup[]): string {
  const explained = left.reduce((sum, one) => sum + one.explained, 0)
  const lag =
    explained === 0
      ? 'lag is 0'
      : `the lag of ${count(explained, 'offset')} that is left holds no data, only markers, aborted or compacted records`
  const auto = groups.filter(({ autoCommits }) => autoCommits).map(({ group }) => group)
  const committed =
    auto.length > 0
      ? `. ${few(auto)} ${auto.length === 1 ? 'has' : 'have'} committed all, by a timer: that it is processed too is what settle: waits for`
      : ''
  return `${count(left.length, 'group')} drained; ${lag}${committed}`
}
