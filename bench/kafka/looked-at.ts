import { mirrorName } from './mirrored.js'
import { readersOf, type Size, topicsOf, writersOf } from './size.js'

/** What a process needs to look at an estate. */
export interface Estate {
  readonly size: Size
  readonly bootstrap: Readonly<Record<'source' | 'target', readonly string[]>>
  /** Kafka Connect on the target. */
  readonly connect: string
}

/** Its migration.yaml. Every other group is the Dam's, and whoever reads for the Dam takes offsets for identities. */
export function migrationText({ size, bootstrap, connect }: Estate): string {
  const kubernetes = { context: 'none', namespace: 'none' }
  return JSON.stringify({
    migration: 'bench',
    channel: 'C1',
    sides: {
      source: { kafka: { bootstrap: bootstrap.source }, kubernetes },
      target: { kafka: { bootstrap: bootstrap.target }, kubernetes },
    },
    mirror: { url: connect, source: mirrorName },
    valve: { kind: 'none' },
    topics: topicsOf(size),
    apps: [
      ...writersOf(size).map((app) => ({ ...app, tier: 'upstream', workload: `Deployment/${app.name}` })),
      ...readersOf(size).map((app, i) => ({
        ...app,
        tier: i % 2 ? 'dam' : 'downstream',
        keysByOffset: i % 2 === 1,
        workload: `Deployment/${app.name}`,
      })),
    ],
    registry: { source: 'http://127.0.0.1:1', target: 'http://127.0.0.1:1' },
    roles: { operators: {}, owners: {} },
    policies: { operators: { role: 'operators' }, rollback: { role: 'operators' } },
  })
}
