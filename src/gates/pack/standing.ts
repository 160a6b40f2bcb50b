import { z } from 'zod'
import type { App, Migration, Side, Valve } from '../../config/migration.js'
import type { Offsets } from '../../connect/kafka/types.js'
import type { ConnectorOffset } from '../../connect/kafka-connect/kafka-connect.js'
import { isFenced } from '../../proof/acls.js'
import { groupsOf } from '../../proof/consumption.js'
import { readFact, waterlineFact } from '../../proof/facts.js'
import { fromJson } from '../../proof/offsets.js'
import { inFlowOrder } from '../flow.js'
import type { Look } from '../gate.js'
import type { Commits, ConnectorOffsets, Connectors, OnConnect, OnKafka, ReadsAcls } from '../reading/clients.js'
import { isAtRest } from '../reading/connector.js'
import { connectValve, type ValveState, valveState } from '../reading/valve.js'

export type PackDeps = OnKafka<Commits & ReadsAcls> &
  OnConnect<Connectors & ConnectorOffsets> & {
    readonly workloads: Readonly<
      Record<Side, { replicas(workloads: readonly string[]): Promise<ReadonlyMap<string, number>> }>
    >
  }

/** Where everything stands that a person would have to move by hand. */
export interface Standing {
  readonly migration: Migration
  /** In flow order. `wanted`: the count to come back to; undefined when nobody ever saw it run. */
  readonly apps: readonly (App & {
    readonly replicas: Readonly<Record<Side, number>>
    readonly wanted: number | undefined
  })[]
  /** Connectors of MirrorMaker 2, the one that mirrors first. */
  readonly mirror: readonly ConnectorStanding[]
  readonly valve: ValveStanding | null
  readonly groups: readonly { readonly group: string; readonly topics: readonly string[] }[]
  readonly commits: Readonly<Record<Side, ReadonlyMap<string, Offsets>>>
  /** Topics of the source that everybody is denied to write. */
  readonly fenced: readonly string[]
  /** Only while the mirror is at rest. */
  readonly waterline: Offsets | undefined
}

export interface ConnectorStanding {
  readonly url: string
  readonly connector: string
  readonly state: string
  readonly atRest: boolean
}

export interface ValveStanding {
  readonly at: Extract<Valve, { kind: 'connect' }>
  readonly source: ValveState
  readonly target: ValveState
  /** What each side has delivered; null where its Kafka Connect does not say. */
  readonly offsets: Readonly<Record<Side, readonly ConnectorOffset[] | null>>
}

const countsSchema = z.record(z.string(), z.int().min(0))

export async function standing(deps: PackDeps, look: Pick<Look, 'migration' | 'fact'>): Promise<Standing> {
  const { migration } = look
  const groups = groupsOf(migration.apps)
  const names = groups.map(({ group }) => group)
  const workloads = migration.apps.map((app) => app.workload)
  const [source, target, onSource, onTarget, mirror, valve, acls, counted, waterline] = await Promise.all([
    deps.workloads.source.replicas(workloads),
    deps.workloads.target.replicas(workloads),
    deps.kafka.source.committed(names),
    deps.kafka.target.committed(names),
    mirrorStanding(deps, migration),
    valveStanding(deps, migration),
    deps.kafka.source.acls().catch((error: unknown) => {
      // Whoever may not see rights has set no fence; one that is not seen for any other reason may stand.
      if ((error as { code?: unknown }).code === 'refused') return undefined
      throw error
    }),
    look.fact('counts'),
    look.fact('waterline'),
  ])
  const counts = readFact(countsSchema, counted) ?? {}
  const recorded = readFact(waterlineFact, waterline)
  return {
    migration,
    apps: inFlowOrder(migration, migration.apps).map((app) => {
      const replicas = { source: source.get(app.workload) ?? 0, target: target.get(app.workload) ?? 0 }
      return { ...app, replicas, wanted: Math.max(replicas.source, replicas.target) || counts[app.name] }
    }),
    mirror,
    valve,
    groups,
    commits: { source: onSource, target: onTarget },
    fenced: migration.topics.filter((topic) => isFenced(acls ?? [], topic)),
    waterline: mirror[0]?.atRest && recorded ? fromJson(recorded.offsets) : undefined,
  }
}

async function mirrorStanding({ connect }: PackDeps, { mirror }: Migration): Promise<ConnectorStanding[]> {
  const names = [mirror.source, ...(mirror.checkpoint ? [mirror.checkpoint] : [])]
  return Promise.all(
    names.map(async (connector) => {
      const status = await connect(mirror.url).status(connector)
      return { url: mirror.url, connector, state: status?.state ?? 'absent', atRest: isAtRest(status) }
    }),
  )
}

async function valveStanding({ connect }: PackDeps, migration: Migration): Promise<ValveStanding | null> {
  const valve = connectValve(migration)
  if (!valve) return null
  const delivered = (side: Side) =>
    connect(valve[side].url)
      .offsets(valve[side].connector)
      .catch(() => null)
  const [source, target, onSource, onTarget] = await Promise.all([
    valveState(connect, valve, 'source'),
    valveState(connect, valve, 'target'),
    delivered('source'),
    delivered('target'),
  ])
  return { at: valve, source, target, offsets: { source: onSource, target: onTarget } }
}
