import { type Migration, migrationSchema } from '../../src/config/migration.js'
import type { Gate, Look } from '../../src/gates/gate.js'
import type { Timed } from '../../src/gates/reading/clients.js'
import type { Json } from '../../src/runbook/json.js'
import type { Measured } from '../../src/runbook/language.js'

type AppOf = Partial<Migration['apps'][number]> & { name: string }

/** A migration of some topics and apps, with everything else as plain as it may be. */
export function migrationOf(topics: readonly string[], apps: readonly AppOf[]): Migration {
  const side = { kafka: { bootstrap: ['127.0.0.1:1'] }, kubernetes: { context: 'c', namespace: 'n' } }
  return migrationSchema.parse({
    migration: 'test',
    channel: 'C1',
    sides: { source: side, target: side },
    mirror: { url: 'http://127.0.0.1:1', source: 'mirror-source' },
    valve: { kind: 'none' },
    topics,
    apps: apps.map((app) => ({ tier: 'downstream', workload: `Deployment/${app.name}`, settle: 0, ...app })),
    roles: { operators: {} },
    policies: { operators: { role: 'operators' } },
  })
}

/** Looks with a gate, handing it what it last remembered and keeping the facts that it gave. */
export function createLooks<Deps>(given: Deps, migration: Migration, facts = new Map<string, Json>()) {
  const deps = { clock: () => performance.now(), ...given }
  const remembered = new Map<unknown, Json | undefined>()
  return async <Args>(gate: Gate<Deps & Timed, Args>, args: unknown = {}, now = Date.now()): Promise<Measured> => {
    const look: Look = {
      now,
      since: 0,
      last: remembered.get(gate),
      migration,
      fact: async (name) => facts.get(name),
      alerts: [],
      answers: [],
    }
    const found = await gate.measure(deps, gate.args.parse(args), look)
    remembered.set(gate, found.evidence)
    if (found.verdict === 'passed')
      for (const [name, value] of Object.entries(found.facts ?? {})) facts.set(name, value!)
    return found
  }
}
