import type { Migration, Side } from '../../config/migration.js'
import type { Acl } from '../../connect/kafka/types.js'
import { writersByAcl } from '../../proof/acls.js'
import { type AppSeen, alive, appsSeen, type SeesWorkloads } from '../workloads.js'
import type { OnKafka, ReadsAcls } from './clients.js'
import { count, few } from './say.js'

export type NamesWriters = OnKafka<ReadsAcls> & SeesWorkloads

/** For each topic in words: which apps may be the ones that write it, and whether they still have pods. What cannot be read is left unsaid. */
export async function nameWriters(
  deps: NamesWriters,
  migration: Migration,
  side: Side,
): Promise<(topic: string) => string> {
  const [acls, seen] = await Promise.all([
    orUndefined(async () => deps.kafka[side].acls()),
    orUndefined(async () => appsSeen(deps, migration, side)),
  ])
  return (topic) => suspects(migration, topic, acls, seen)
}

function suspects(
  { apps }: Migration,
  topic: string,
  acls: readonly Acl[] | undefined,
  seen: readonly AppSeen[] | undefined,
): string {
  const allowed = acls ? writersByAcl(acls, topic).map((principal) => principal.replace(/^User:/, '')) : []
  const ours = apps.filter(({ produces, user }) => produces.includes(topic) || (user && allowed.includes(user)))
  const strangers = acls ? allowed.filter((user) => !apps.some((app) => app.user === user)) : []
  const pods = (name: string) => {
    const app = seen?.find((one) => one.app.name === name)
    return app && alive(app).length > 0 ? ` (${count(alive(app).length, 'pod')} still there)` : seen ? ' (no pod)' : ''
  }
  const withPods = [...ours].sort((a, b) => pods(a.name).localeCompare(pods(b.name)))
  return [
    ours.length > 0 ? `produced by ${few(withPods.map(({ name }) => `${name}${pods(name)}`))}` : '',
    strangers.length > 0 ? `ACLs also let ${few(strangers)} write it` : '',
    ours.length + strangers.length === 0 ? 'which no app of migration.yaml produces' : '',
  ]
    .filter(Boolean)
    .join('; ')
}

async function orUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch {
    return undefined
  }
}
