import { z } from 'zod'
import { type Migration, type Side, sides, type Tier, tiers } from '../config/migration.js'
import type { Acl } from '../connect/kafka/types.js'
import type { ConnectorSettings, Connectors, OnConnect, ReadsOwnRights } from '../gates/reading/clients.js'
import { isAtRest } from '../gates/reading/connector.js'
import { fencedTopics } from '../gates/reading/fenced.js'
import { unfenced, writersByAcl } from '../proof/acls.js'
import { copiesRights, mirrorSettings } from '../proof/mirror-config.js'
import type { GateCall } from '../runbook/language.js'
import { action } from './action.js'
import { type FenceDeps, fenceEffects, performFence } from './fence.js'

const args = z.strictObject({
  side: z.enum(sides),
  /** Only topics that this tier alone writes, since the others still run. */
  tier: z.enum(tiers).optional(),
})

type Deps = FenceDeps & ReadsOwnRights & OnConnect<Connectors & ConnectorSettings>

export const writesFence = action<Deps, z.infer<typeof args>>({
  name: 'writes-fence',
  does: "denies everybody by ACL to write the mirrored topics of a side, the valve's apart; super users are beyond it. Nothing where there is no authorizer, where the bot may not, or beside a mirror that would copy it to the target: no-writes is the proof then, and fenced says that no fence stands",
  args,
  async plan({ kafka, connect }, { side, tier }, { migration }) {
    const acls = (await kafka[side].acls()) ?? []
    const topics = fencedTopics(migration).filter((topic) => !tier || isWrittenByAlone(migration, tier, acls, topic))
    const open = unfenced(acls, topics)
    if (open.length === 0) return { effects: [] }
    // The fence comes on top of the proof: while producers are down, nobody has to wait for a right or a setting.
    if (!(await mayFence(kafka[side])) || (side === 'source' && (await copiesAcls(connect, migration))))
      return { effects: [] }
    const gate = gone(side, tier)
    return { effects: fenceEffects('writes-fence', side, open, true, migration).map((effect) => ({ ...effect, gate })) }
  },
  perform: performFence,
})

async function mayFence(kafka: Deps['kafka'][Side]): Promise<boolean> {
  return (await kafka.ownRights([])).cluster.includes('alter')
}

/** A mirror that syncs ACLs copies a DENY too (MirrorSourceConnector.shouldReplicateAcl): the target would be shut to the mirror itself and to its apps, and stay so. */
async function copiesAcls(connect: Deps['connect'], { mirror }: Migration): Promise<boolean> {
  const worker = connect(mirror.url)
  if (isAtRest(await worker.status(mirror.source))) return false
  return copiesRights(await worker.settings(mirror.source, mirrorSettings))
}

/** An app that is ending still sends what it holds: shut out too early, that is lost. */
function gone(side: Side, tier: Tier | undefined): GateCall {
  return { gate: 'apps-gone', args: { side, ...(tier ? { tier } : {}) }, forMs: 0, withinMs: 10 * 60_000, warn: false }
}

/** No app of another tier writes it, by its own word or by what its user may. */
function isWrittenByAlone({ apps }: Migration, tier: Tier, acls: readonly Acl[], topic: string): boolean {
  const writers = writersByAcl(acls, topic)
  const others = apps.filter((app) => app.tier !== tier)
  return (
    apps.some((app) => app.tier === tier && app.produces.includes(topic)) &&
    !others.some(({ produces, user }) => produces.includes(topic) || (user && writers.includes(`User:${user}`)))
  )
}
