import type { Scaling } from '../../src/actions/scaling.js'
import { type Migration, migrationSchema, type Side } from '../../src/config/migration.js'

/** A migration of the given apps; every topic they name is mirrored. */
export function migrationOf(
  apps: readonly { name: string; tier: string; group?: string; consumes?: string[]; produces?: string[] }[],
): Migration {
  const topics = [...new Set(apps.flatMap((app) => [...(app.consumes ?? []), ...(app.produces ?? [])]))]
  const side = (namespace: string) => ({
    kafka: { bootstrap: ['127.0.0.1:9092'] },
    kubernetes: { context: namespace, namespace },
  })
  return migrationSchema.parse({
    migration: 'shop',
    channel: 'C1',
    sides: { source: side('old'), target: side('new') },
    mirror: { url: 'http://127.0.0.1:8083', source: 'mirror' },
    valve: { kind: 'none' },
    topics: topics.length > 0 ? topics : ['orders'],
    apps: apps.map((app) => ({
      ...app,
      workload: `Deployment/${app.name}`,
      ...(app.consumes ? { group: app.group ?? app.name } : {}),
    })),
    roles: {},
    policies: {},
  })
}

/** Replica counts as a Kubernetes API keeps them: every write needs the version that was read. */
export function countsOf(initial: Partial<Record<Side, Record<string, number>>>) {
  const versions = new Map<string, number>()
  const writes: string[] = []
  const state = { source: new Map(), target: new Map() } as Record<Side, Map<string, number>>
  for (const side of ['source', 'target'] as const)
    for (const [app, replicas] of Object.entries(initial[side] ?? {})) state[side].set(`Deployment/${app}`, replicas)
  const api = (side: Side) => ({
    replicas: async (workloads: readonly string[]) => new Map(workloads.map((w) => [w, state[side].get(w) ?? 0])),
    scale: async (workload: string) => ({
      replicas: state[side].get(workload) ?? 0,
      resourceVersion: String(versions.get(workload) ?? 0),
    }),
    setScale: async (workload: string, replicas: number, resourceVersion: string) => {
      if (resourceVersion !== String(versions.get(workload) ?? 0))
        throw Object.assign(new Error('the object has been modified'), { code: 'conflict' })
      api(side).touch(workload)
      state[side].set(workload, replicas)
      writes.push(`${side} ${workload} ${replicas}`)
    },
    /** A controller writes its status: the version moves, the count stays. */
    touch: (workload: string) => void versions.set(workload, (versions.get(workload) ?? 0) + 1),
  })
  const workloads = { source: api('source'), target: api('target') }
  return { workloads, writes } satisfies Scaling & { writes: string[] }
}
