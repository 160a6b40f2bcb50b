import { z } from 'zod'
import { type Migration, sides } from '../config/migration.js'
import type { Acl } from '../connect/kafka/types.js'
import type { KafkaUser } from '../connect/kubernetes/kafka-users.js'
import { droppedBySync, sayAcl } from '../proof/acls.js'
import { type KnownUsers, ownedByOperator, type UserDifference } from '../proof/users.js'
import { gate } from './gate.js'
import type { OnKafka, ReadsAcls, ReadsUsers } from './reading/clients.js'
import { differencesJson } from './reading/differences.js'
import { compareUsers, missingRights } from './reading/rights.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})

export const aclsParity = gate<OnKafka<ReadsAcls> & ReadsUsers, z.infer<typeof args>>({
  name: 'acls-parity',
  proves:
    "every user of the source can log in on the target, every right that the source's ACLs give is given there too, and no two apps share a user",
  args,
  measure: (deps, _, { migration }) =>
    unlessUnreadable(async () => {
      const [users, rights] = await Promise.all([compareUsers(deps, migration), missingRights(deps, migration)])
      const shared = sharedUsers(migration)
      const owned = users.target.resources !== undefined
      const dropped = droppedOf(rights.source ?? [], migration)
      const evidence = {
        ...differencesJson([
          ...users.missing.map(({ principal: _, ...row }) => row),
          ...(rights.source && rights.target ? rights.missing : []).map((acl) => rightRow(acl, owned)),
        ]),
        shared: Object.fromEntries(shared),
        droppedBySync: Object.fromEntries(dropped.map(([why, acls]) => [why, acls.map(sayAcl)])),
      }
      const wrong = [
        ...wrongUsers(users.missing),
        ...wrongRights(rights, owned, migration, dropped),
        ...(shared.length > 0
          ? [
              {
                reason: 'shared-user',
                text: `Shared users: ${few(shared.map(([user, apps]) => `${user} by ${few(apps)}`))}; a fence or a trace would not tell them apart, so give each app one of its own`,
              },
            ]
          : []),
      ]
      const [first] = wrong
      if (first)
        return { verdict: 'failed', reason: first.reason, evidence, text: wrong.map(({ text }) => text).join('; ') }
      const said = [
        rights.source
          ? `All ${count(rights.source.length, 'right')} of the source are given on the target`
          : 'Neither cluster has an authorizer: everybody may do everything on both',
        ...sayUsers(users),
        ...nameless(migration, rights.source !== undefined),
        ...sayDropped(dropped),
      ]
      return { verdict: 'passed', evidence, text: said.join('; ') }
    }),
})

interface Wrong {
  readonly reason: string
  readonly text: string
}

function wrongUsers(missing: readonly UserDifference[]): readonly Wrong[] {
  if (missing.length === 0) return []
  const each = few(missing.map(({ what, source, target, stays }) => `${what} (${source} / ${target}: ${stays})`))
  return [
    {
      reason: 'users-missing',
      text: `${count(missing.length, 'user')} of the source cannot log in on the target: ${each}; whoever stays behind belongs under users.stay in migration.yaml`,
    },
  ]
}

function wrongRights(
  { source, target, missing }: Awaited<ReturnType<typeof missingRights>>,
  owned: boolean,
  { topics }: Migration,
  dropped: Dropped,
): readonly Wrong[] {
  if (!source && !target) return []
  if (!source || !target)
    return [
      {
        reason: 'one-authorizer',
        text: source
          ? 'The source checks rights and the target does not: there everybody may do everything'
          : 'The target checks rights and the source does not, so there is nothing to copy: give each app its rights on the target by hand, then leave this gate out',
      },
    ]
  if (missing.length === 0) return []
  const byMirror = missing.filter((acl) => !droppedBySync(acl, topics)).length
  const whose = owned ? ["Strimzi's User Operator owns them there: write them into the KafkaUsers"] : []
  return [
    {
      reason: 'missing',
      text: `${count(missing.length, 'right')} of the source not on the target: ${few(missing.map(sayAcl))} (MirrorMaker's own sync would bring ${byMirror} of them)${[...whose, ...sayDropped(dropped)].map((one) => `; ${one}`).join('')}`,
    },
  ]
}

type Dropped = readonly (readonly [why: string, acls: readonly Acl[]])[]

function droppedOf(acls: readonly Acl[], { topics }: Migration): Dropped {
  const found = new Map<string, Acl[]>()
  for (const acl of acls) {
    const why = droppedBySync(acl, topics)
    if (why) found.set(why, [...(found.get(why) ?? []), acl])
  }
  return [...found]
}

/** Whoever relies on the mirror for rights learns here, before the night, what apps would lack on the target. */
function sayDropped(dropped: Dropped): readonly string[] {
  if (dropped.length === 0) return []
  const each = dropped.map(([why, acls]) => `${why} (${few(acls.map(sayAcl), 2)})`)
  return [`MirrorMaker's own sync drops ${each.join(', ')}`]
}

function rightRow(acl: Acl, owned: boolean) {
  const row = { what: sayAcl(acl), source: 'given', target: 'absent' }
  return owned && ownedByOperator(acl) ? { ...row, stays: 'write it into the KafkaUser' } : row
}

/** What was compared, and what could not be asked for: a list that nobody gives proves nothing. */
function sayUsers(users: Readonly<Record<'source' | 'target', KnownUsers>>): readonly string[] {
  const silent = sides.filter((side) => !users[side].scram && !users[side].resources)
  if (silent.length > 0)
    return [
      `the users of the ${silent.join(' and the ')} cannot be listed (Kafka before 2.7): compare them by kafka-configs --entity-type users`,
    ]
  const passwords = users.source.scram?.length ?? 0
  // Kafka itself names no user who logs in by certificate; only a User Operator does.
  const isAsked = ({ authentication }: KafkaUser) =>
    users.target.resources !== undefined || authentication === 'scram-sha-512'
  const resources = users.source.resources ?? []
  const unasked = resources.filter((one) => !isAsked(one))
  const asked = resources.length - unasked.length
  const compared = [
    ...(passwords > 0 ? [count(passwords, 'user with a password', 'users with a password')] : []),
    ...(asked > 0 ? [count(asked, 'KafkaUser')] : []),
  ]
  return [
    ...(compared.length > 0 ? [`${compared.join(' and ')} of the source can log in on the target`] : []),
    ...(unasked.length > 0
      ? [
          `whether ${few(unasked.map(({ name }) => name))} can log in on the target cannot be asked (by certificate, and migration.yaml names no kafkaUsers there): try it by hand`,
        ]
      : []),
  ]
}

function nameless({ apps }: Migration, checked: boolean): readonly string[] {
  const without = apps.filter(({ user }) => !user).map(({ name }) => name)
  if (!checked || without.length === 0) return []
  return [
    `${few(without)} ${without.length === 1 ? 'names' : 'name'} no user in migration.yaml, so whether each app has one of its own is not known`,
  ]
}

function sharedUsers({ apps }: Migration): [string, string[]][] {
  const byUser = new Map<string, string[]>()
  for (const { user, name } of apps) if (user) byUser.set(user, [...(byUser.get(user) ?? []), name])
  return [...byUser].filter(([, of]) => of.length > 1)
}
