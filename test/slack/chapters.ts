import { type Migration, migrationSchema } from '../../src/config/migration.js'
import { apply } from '../../src/run/apply.js'
import type { At, Author, Entry, Event, GateLook, Person } from '../../src/run/events.js'
import { emptyState, type State } from '../../src/run/state.js'
import type { Effect, Runbook, Step } from '../../src/runbook/language.js'

/** States to draw messages from, made the way the bot makes them: events folded by `apply`. */
export const ann: Person = { kind: 'person', id: 'U0ANN', name: 'Ann', via: 'slack' }
export const bob: Person = { kind: 'person', id: 'U0BOB', name: 'Bob', via: 'slack' }
export const engine: Author = { kind: 'engine', replica: 'one' }
export const monitor: Author = { kind: 'monitor' }
export const start = Date.UTC(2026, 5, 1, 2, 0, 0)

export type Line = readonly [Author, Event]

/** Folds the lines, one second apart. */
export function told(lines: readonly Line[], from: State = emptyState): State {
  return linesToEntries(lines, from).reduce(apply, from)
}

export function linesToEntries(lines: readonly Line[], from: State = emptyState): readonly Entry[] {
  const hash = (version: number) => (version ? version.toString(16).padStart(64, 'a') : '')
  return lines.map(([by, event], i) => {
    const version = from.version + i + 1
    return { v: 1, version, at: start + (version - 1) * 1000, by, event, prev: hash(version - 1), hash: hash(version) }
  })
}

export function migrationOf(apps: number, evil = ''): Migration {
  const side = { kafka: { bootstrap: ['localhost:9092'] }, kubernetes: { context: 'source', namespace: 'shop' } }
  return migrationSchema.parse({
    migration: 'shop',
    channel: 'C0MIGRATE',
    sides: { source: side, target: side },
    mirror: { url: 'http://localhost:8083', source: 'mirror' },
    valve: { kind: 'none' },
    topics: ['orders'],
    apps: Array.from({ length: apps }, (_, i) => ({
      name: `checkout-${i}`,
      tier: 'upstream',
      workload: `Deployment/checkout-${i}`,
      ...(i % 3 === 2 ? { owner: `Owner ${i}${evil}` } : {}),
      ...(i % 3 === 0 ? { group: `billing-${i}`, consumes: ['orders'] } : { produces: ['orders'] }),
    })),
    people: [
      ...[ann, bob].map(({ id, name }) => ({ name: name + evil, slack: id })),
      ...Array.from({ length: apps }, (_, i) => ({ name: `Owner ${i}${evil}`, slack: `U0OWNER${i}` })),
    ],
    roles: {
      operators: { people: [`Ann${evil}`, `Bob${evil}`], groups: ['S0NIGHT'] },
      owners: { people: [`Ann${evil}`] },
    },
    policies: { operators: { role: 'operators', approvals: 2 } },
  })
}

function stepOf(id: string, more: Partial<Step> = {}): Step {
  const title = id.charAt(0).toUpperCase() + id.slice(1).replaceAll('-', ' ')
  return {
    id,
    title,
    think: [],
    do: [],
    check: [],
    approve: 'operators',
    attempts: 3,
    skip: null,
    undo: 'inverse',
    ...more,
  }
}

const call = (gate: string, args = {}) => ({ gate, args, forMs: 0, withinMs: 0, warn: false })

export const steps: readonly Step[] = [
  stepOf('stop-mirror', { do: [{ action: 'mirror-stop', args: {} }] }),
  stepOf('switch-valve', { do: [{ action: 'valve-close', args: {} }] }),
  stepOf('stop-producers', {
    think: [call('apps-healthy')],
    do: [{ action: 'apps-stop', args: {} }],
    check: [call('drained')],
    skip: 'operators',
  }),
  stepOf('stop-consumers', { do: [{ action: 'apps-stop', args: {} }] }),
  stepOf('stop-dam', { do: [{ action: 'apps-stop', args: {} }] }),
  stepOf('start-producers', { undo: 'none', do: [{ action: 'apps-start', args: {} }] }),
  stepOf('start-dam', { do: [{ action: 'apps-start', args: {} }] }),
  stepOf('start-downstream', { do: [{ action: 'apps-start', args: {} }] }),
  stepOf('validate', {
    check: [
      call('asked', { role: 'owners', question: 'Is the business all right?' }),
      call('asked', { role: 'owners', each: 'app', question: 'Is your app all right?' }),
    ],
  }),
]

export const runbook: Runbook = {
  name: 'cutover',
  title: 'Cut over from source to target, mirror first',
  hold: [],
  rollback: 'rollback',
  steps,
  digest: 'd'.repeat(64),
}

export const at = (step: string, attempt = 1): At => ({ run: 'cutover-1', step, attempt })

export const look = (gate: string, verdict: GateLook['verdict'], text = `What ${gate} saw.`): GateLook => ({
  gate,
  verdict,
  text,
  warn: false,
})

export function effect(i: number, text = `scale checkout-${i} from 2 to 0`): Effect {
  return {
    id: `apps-stop source/checkout-${i}`,
    action: 'apps-stop',
    target: `source/Deployment/checkout-${i}`,
    before: { replicas: 2 },
    after: { replicas: 0 },
    on: { side: 'source', app: `checkout-${i}` },
    text,
  }
}

export const began = (migration = migrationOf(3), pinned = runbook): Line => [
  ann,
  { type: 'run-started', run: 'cutover-1', mode: 'real', runbook: pinned, migration, bot: '0.1.0', notBefore: null },
]

export const thinking = (step: string, attempt = 1): Line => [engine, { type: 'step-thinking', ...at(step, attempt) }]

/** The step asks, with these effects planned. */
export function asking(
  step: string,
  effects: readonly Effect[] = [effect(0)],
  gates: readonly GateLook[] = [],
  attempt = 1,
): readonly Line[] {
  return [
    [
      engine,
      {
        type: 'step-planned',
        ...at(step, attempt),
        nonce: 'n1',
        digest: 'e'.repeat(64),
        effects: effects.length,
        until: start + 7_200_000,
        gates,
      },
    ],
    ...effects.map((one): Line => [engine, { type: 'effect-planned', ...at(step, attempt), order: 0, effect: one }]),
  ]
}

/** The step from its first thought to its end. */
export function passing(step: string, effects: readonly Effect[] = [effect(0)]): readonly Line[] {
  return [
    thinking(step),
    ...asking(step, effects),
    [bob, { type: 'approved', ...at(step), nonce: 'n1', digest: 'e'.repeat(64), enough: true }],
    ...acting(step, effects),
    [engine, { type: 'step-checking', ...at(step) }],
    [
      engine,
      {
        type: 'step-passed',
        ...at(step),
        gates: [look('drained source', 'passed', 'All groups have read everything.')],
      },
    ],
  ]
}

export function acting(step: string, done: readonly Effect[]): readonly Line[] {
  return [
    [engine, { type: 'step-acting', ...at(step), gates: [] }],
    ...done.map(
      (one): Line => [engine, { type: 'effect-done', ...at(step), effect: one.id, text: 'scaled from 2 to 0' }],
    ),
  ]
}
