import { z } from 'zod'
import { action } from '../src/actions/action.js'
import { performScale, type Scaling } from '../src/actions/scaling.js'
import { loadMigration } from '../src/config/load.js'
import type { Migration } from '../src/config/migration.js'
import { asked } from '../src/gates/asked.js'
import { gate } from '../src/gates/gate.js'
import { loadRunbook } from '../src/runbook/load.js'

/** What gates and actions of the model see of the estate; a process of its own sees it through a wire. */
export interface ModelApps extends ModelScale {
  /** `shut`: its gate does not pass, however many replicas it has. */
  look(app: string): Promise<{ readonly replicas: number; readonly shut: boolean }>
}
type ModelScale = Omit<Scaling['workloads']['source'], 'replicas'>

const modelGates = new Map(
  [
    gate<ModelApps, { app: string; replicas: number }>({
      name: 'at',
      proves: 'that an app has so many replicas',
      args: z.strictObject({ app: z.string(), replicas: z.int() }),
      measure: async (apps, { app, replicas }) => {
        const now = await apps.look(app)
        const passed = now.replicas === replicas && !now.shut
        return {
          verdict: passed ? 'passed' : 'failed',
          text: `${app} is at ${now.replicas}.`,
          evidence: { [app]: now.replicas },
        }
      },
    }),
    asked,
  ].map((one) => [one.name, one as ReturnType<typeof gate<ModelApps, unknown>>]),
)

const modelActions = new Map(
  [
    action<ModelApps, { apps: string[]; replicas: number }>({
      name: 'set',
      does: 'scales apps',
      args: z.strictObject({ apps: z.array(z.string()), replicas: z.int() }),
      plan: async (estate, { apps, replicas }) => {
        const found = await Promise.all(apps.map(async (app) => ({ app, now: (await estate.look(app)).replicas })))
        return {
          effects: found
            .filter(({ now }) => now !== replicas)
            .map(({ app, now }) => ({
              id: `set ${app}`,
              action: 'set',
              target: app,
              before: { replicas: now },
              after: { replicas },
              on: { side: 'source', app, workload: app },
              text: `set ${app} to ${replicas}`,
            })),
        }
      },
      perform: (apps, effect, context) =>
        performScale({ workloads: { source: scaling(apps), target: scaling(apps) } }, effect, context),
    }),
  ].map((one) => [one.name, one as ReturnType<typeof action<ModelApps, unknown>>]),
)

/** The one model estate: workloads as numbers, effects counted. What it pretends, the lab proves. */
export class Estate implements ModelApps {
  readonly replicas = new Map<string, number>()
  readonly performed: string[] = []
  /** Calls that fail, by app: how many more times. */
  readonly broken = new Map<string, number>()
  /** Gates that do not pass, by app. */
  readonly shut = new Set<string>()
  readonly gates = modelGates
  readonly actions = modelActions

  constructor(apps: readonly string[]) {
    for (const app of apps) this.replicas.set(app, 2)
  }

  look: ModelApps['look'] = async (app) => ({ replicas: this.replicas.get(app) ?? 0, shut: this.shut.has(app) })

  scale: ModelApps['scale'] = async (app) => {
    const left = this.broken.get(app) ?? 0
    if (left > 0) {
      this.broken.set(app, left - 1)
      throw new Error(`${app} is broken`)
    }
    return { replicas: this.replicas.get(app) ?? 0, resourceVersion: this.versionOf(app) }
  }

  setScale: ModelApps['setScale'] = async (app, replicas, resourceVersion) => {
    if (resourceVersion !== this.versionOf(app))
      throw Object.assign(new Error('the object has been modified'), { code: 'conflict' })
    this.performed.push(`${app}=${replicas}`)
    this.replicas.set(app, replicas)
  }

  private versionOf = (app: string) => String(this.performed.filter((one) => one.startsWith(`${app}=`)).length)

  runbook(text: string) {
    return loadRunbook('test.yaml', text, {
      gates: this.gates,
      actions: this.actions,
      policies: ['operators', 'two'],
      roles: ['operators'],
      runbooks: ['rollback'],
    })
  }
}

const scaling = (apps: ModelScale) => ({
  replicas: async () => new Map<string, number>(),
  scale: apps.scale,
  setScale: apps.setScale,
})

export const threeSteps = `
runbook: night
title: A night in three steps
approve: operators
rollback: rollback
steps:
  - id: one
    title: Stop a and b
    think: [at: { app: a, replicas: 2 }]
    do: [set: { apps: [a, b], replicas: 0 }]
    check: [at: { app: a, replicas: 0, within: 1m }, at: { app: b, replicas: 0, within: 1m }]
    skip: operators
  - id: two
    title: Stop c
    do: [set: { apps: [c], replicas: 0 }]
    check: [at: { app: c, replicas: 0 }]
  - id: three
    title: Start a again
    undo: none
    do: [set: { apps: [a], replicas: 2 }]
    check: [at: { app: a, replicas: 2 }]
`

export const rollbackSteps = threeSteps
  .replace('runbook: night', 'runbook: rollback')
  .replace('rollback: rollback\n', '')

/** One step that changes nothing and asks the owner of each app. */
export const ownersStep = `
runbook: night
title: A night of questions
approve: operators
steps:
  - id: validate
    title: Validate
    check: [asked: { role: owners, each: app, question: Is your app all right?, within: 12h }]
`

export const testMigration: Migration = loadMigration(
  'migration.yaml',
  `
migration: test
channel: C1
sides:
  source: { kafka: { bootstrap: [localhost:1] }, kubernetes: { context: source, namespace: shop } }
  target: { kafka: { bootstrap: [localhost:2] }, kubernetes: { context: target, namespace: shop } }
mirror: { url: http://localhost:3, source: mm2 }
valve: { kind: none }
topics: [orders]
apps:
  - { name: a, tier: upstream, workload: Deployment/a, produces: [orders] }
  - { name: b, tier: downstream, workload: Deployment/b, group: b, consumes: [orders] }
people: [{ name: Alice, slack: U1 }, { name: Bob, slack: U2 }, { name: Carol, slack: U3 }]
roles: { operators: { people: [Alice, Bob, Carol] } }
policies:
  operators: { role: operators }
  two: { role: operators, approvals: 2, escalate: { after: 3s, to: operators } }
`,
)
