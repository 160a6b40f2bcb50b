import type { Migration, Side } from '../../config/migration.js'
import type { Acl } from '../../connect/kafka/types.js'
import { isFence, lacking } from '../../proof/acls.js'
import { type KnownUsers, missingUsers, type UserDifference } from '../../proof/users.js'
import type { OnKafka, ReadsAcls, ReadsUsers } from './clients.js'
import { isNamed } from './named.js'

/** Rights of the source that must be given on the target too and are not; undefined: a side has no authorizer. */
export async function missingRights(
  { kafka }: OnKafka<ReadsAcls>,
  migration: Migration,
): Promise<Readonly<Record<Side, readonly Acl[] | undefined>> & { readonly missing: readonly Acl[] }> {
  const [source, target] = await Promise.all([kafka.source.acls(), kafka.target.acls()])
  const moves = (source ?? []).filter((acl) => !isFence(acl) && !staysBehind(migration, acl.principal))
  return { source: source && moves, target, missing: lacking(moves, target ?? []) }
}

/** Who can log in on the source and not on the target; and who can be asked for. */
export async function compareUsers(
  deps: ReadsUsers,
  migration: Migration,
): Promise<Readonly<Record<Side, KnownUsers>> & { readonly missing: readonly UserDifference[] }> {
  const of = async (side: Side): Promise<KnownUsers> => {
    const [scram, resources] = await Promise.all([deps.kafka[side].scramUsers(), deps.kafkaUsers(side)])
    return { scram, resources }
  }
  const [all, target] = await Promise.all([of('source'), of('target')])
  const source = {
    scram: all.scram?.filter(({ user }) => !staysBehind(migration, user)),
    resources: all.resources?.filter(({ principal }) => !staysBehind(migration, principal)),
  }
  return { source, target, missing: missingUsers(source, target) }
}

function staysBehind({ users }: Migration, principal: string): boolean {
  return isNamed(users?.stay ?? [], principal.replace(/^User:/, ''))
}
