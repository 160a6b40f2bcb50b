import { chain } from '../../src/log/chain.js'
import { apply } from '../../src/run/apply.js'
import type { Command, EngineCommand, PersonCommand, Refusal } from '../../src/run/commands.js'
import { decide } from '../../src/run/decide.js'
import { due } from '../../src/run/due.js'
import type { At, Entry, GateLook, Person } from '../../src/run/events.js'
import { currentStep, emptyState, nonceOf, type State } from '../../src/run/state.js'
import { undoPlan } from '../../src/run/undo.js'
import { Estate, rollbackSteps, testMigration, threeSteps } from '../estate.js'
import { alice, bob, carol, eve } from '../night.js'

/** One thing that happens. `back`: on how old a view of the log; `pick`: which of several; `ms`: how much time passes before. */
export interface Happening {
  readonly what: (typeof happenings)[number]
  readonly who: 0 | 1 | 2 | 3
  readonly back: number
  readonly pick: number
  readonly ms: number
}

export const happenings = [
  'engine',
  'perform',
  'fail',
  'approve',
  'old click',
  'start',
  'abort',
  'resume',
  'close',
  'retry',
  'skip',
  'rollback',
  'leave',
  'shut',
  'drift',
  'hold',
] as const

const load = (text: string) => new Estate([]).runbook(text)
const runbooks = {
  operators: load(threeSteps),
  two: load(threeSteps.replace('approve: operators', 'approve: two')),
  rollback: load(rollbackSteps),
}
const people: readonly Person[] = [alice, bob, carol, eve]
const look = (verdict: GateLook['verdict']): GateLook => ({
  gate: 'g',
  verdict,
  text: `It is ${verdict}.`,
  warn: false,
})

/** A migration without Redis or clusters: the pure functions, people, and replicas that act on views of any age. */
export function createWorld(policy: 'operators' | 'two') {
  const runbook = runbooks[policy]
  const replicas = new Map([...'abc'].map((app) => [app, 2]))
  const entries: Entry[] = []
  const views: { state: State; now: number }[] = []
  const asks: PersonCommand[] = []
  const hands: EngineCommand[] = []
  const outside = new Set<string>([eve.id])
  const outsideAt: ReadonlySet<string>[] = []
  let state: State = emptyState
  let now = 1_000_000
  let nonces = 0
  /** For how many rounds more no gate passes. */
  let shutFor = 0

  function submit(command: Command): readonly string[] {
    const decided = decide(state, command, now)
    if ('refused' in decided) return [(decided as Refusal).code]
    const added = chain(state, decided, command.by, now)
    entries.push(...added)
    for (const _ of added) outsideAt.push(new Set(outside))
    state = added.reduce(apply, state)
    views.push({ state, now })
    remember(state)
    return []
  }

  /** Every Approve that the channel ever showed can be clicked for ever. */
  function remember({ run }: State): void {
    const step = run && currentStep(run)
    if (step?.phase.is !== 'asking') return
    const { nonce, digest } = step.phase
    if (asks.some((ask) => 'nonce' in ask && ask.nonce === nonce)) return
    asks.push({ by: bob, roles: [], do: 'approve', ...whereOf(run!, step), nonce, digest })
  }

  function happen({ what, who, back, pick, ms }: Happening): void {
    now += ms
    const by = people[who]!
    const said = { by, roles: outside.has(by.id) ? [] : ['operators'] }
    const view = views[Math.max(0, views.length - 1 - back)] ?? { state, now }
    const run = view.state.run
    const step = run && currentStep(run)
    const at = run && step ? whereOf(run, step) : { run: 'night-1', step: 'one', attempt: 1 }
    const sources = { migration: testMigration, bot: '0' }
    switch (what) {
      case 'engine':
        engine(view, `replica-${pick % 2}`)
        return
      case 'perform': {
        const [held] = hands.splice(pick % Math.max(1, hands.length), 1)
        if (held) submit(held)
        return
      }
      case 'fail': {
        const [held] = hands.splice(pick % Math.max(1, hands.length), 1)
        if (held?.do === 'performed') submit({ ...held, do: 'not-performed', text: 'broken', final: pick % 3 === 0 })
        return
      }
      case 'approve':
        if (step?.phase.is !== 'asking') return
        return void submit({ ...said, do: 'approve', ...at, nonce: step.phase.nonce, digest: step.phase.digest })
      case 'old click': {
        const ask = asks[pick % Math.max(1, asks.length)]
        if (ask) submit({ ...ask, ...said } as PersonCommand)
        return
      }
      case 'start':
        return void submit({ ...said, do: 'start', runbook, mode: 'real', notBefore: null, ...sources })
      case 'abort':
      case 'close':
        return void submit({ ...said, do: what, reason: 'why' })
      case 'resume':
        return void submit({ ...said, do: 'resume' })
      case 'retry':
        return void submit({ ...said, do: 'retry', ...at })
      case 'skip':
        return void submit({ ...said, do: 'skip', ...at, reason: 'why' })
      case 'rollback':
        return void submit({ ...said, do: 'rollback', reason: 'sick', runbook: runbooks.rollback, ...sources })
      case 'leave':
        if (!outside.delete(carol.id)) outside.add(carol.id)
        return
      case 'shut':
        shutFor = 3
        return
      case 'drift':
        replicas.set('abc'[pick % 3]!, pick % 4)
        return
      case 'hold':
        if (run) submit({ by: engineOf('replica-0'), asOf: view.now, do: 'hold', run: run.id, gates: [look('failed')] })
        return
    }
  }

  /** One round on that view, as `jobs/advance` does it; what it claims it has in its hands until it performs or dies. */
  function engine(view: { state: State; now: number }, replica: string): void {
    const work = due(view.state, view.now)
    if (work.is === 'nothing') return
    const at = { by: engineOf(replica), asOf: view.now, ...whereOf(work.run, work.step) }
    const nonce = nonceOf(work.step)
    const gate = shutFor-- > 0 ? 'failed' : 'passed'
    const looked = { gates: [look(gate)], facts: [] }
    switch (work.is) {
      case 'begin':
        return void submit({ ...at, do: 'think' })
      case 'expire':
        return void submit({ ...at, do: 'fall', nonce: nonce!, why: 'expired' })
      case 'escalate':
        return void submit({ ...at, do: 'escalate', nonce: nonce! })
      case 'think':
        if (work.step.phase.is === 'asking' || gate !== 'passed')
          return void submit({ ...at, do: 'looked', phase: 'think', nonce, outcome: 'wait', ...looked })
        return void submit({
          ...at,
          do: 'ask',
          nonce: `n${++nonces}`,
          plan: planOf(work.run, work.step),
          ...looked,
        })
      case 'confirm': {
        const roles = new Map(people.map(({ id }) => [id, outside.has(id) ? [] : ['operators']]))
        return void submit({ ...at, do: 'confirm', nonce: nonce!, plan: planOf(work.run, work.step), ...looked, roles })
      }
      case 'act': {
        const effects = work.effects.map(({ effect }) => effect.id)
        if (!effects.length || submit({ ...at, do: 'claim', effects, forMs: 5000 }).length) return
        for (const { effect } of work.effects) {
          replicas.set(effect.target, (effect.after as { replicas: number }).replicas)
          hands.push({ ...at, do: 'performed', effect: effect.id, text: 'done', facts: [] })
        }
        return
      }
      case 'check':
        return void submit({
          ...at,
          do: 'looked',
          phase: 'check',
          nonce: null,
          outcome: gate === 'passed' ? 'passed' : { failed: 'It is not.' },
          ...looked,
        })
    }
  }

  function planOf(run: NonNullable<State['run']>, step: NonNullable<ReturnType<typeof currentStep>>) {
    if (step.undoOf) return undoPlan(run, step.undoOf)
    return step.step.do.flatMap(({ args }, order) => {
      const { apps, replicas: to } = args as { apps: string[]; replicas: number }
      return apps
        .filter((app) => replicas.get(app) !== to)
        .map((app) => ({
          order,
          effect: {
            id: `set ${app}`,
            action: 'set',
            target: app,
            before: { replicas: replicas.get(app)! },
            after: { replicas: to },
            on: { app },
            text: `set ${app} to ${to}`,
          },
        }))
    })
  }

  /** So many rounds of a night on which nothing goes wrong: what follows may find the run anywhere. */
  function calm(rounds: number): void {
    const now = (what: Happening['what'], who: Happening['who']) => happen({ what, who, back: 0, pick: 0, ms: 100 })
    now('start', 0)
    for (let i = 0; i < rounds; i++) {
      now('engine', 0)
      now('perform', 0)
      now('approve', 1)
      now('approve', 2)
    }
  }

  return {
    calm,
    happen,
    submit,
    entries,
    state: () => state,
    inRole: (person: string, version: number) => !outsideAt[version - 1]?.has(person),
  }
}

const engineOf = (replica: string) => ({ kind: 'engine', replica }) as const
const whereOf = (run: { id: string }, step: { id: string; attempt: number }): At => ({
  run: run.id,
  step: step.id,
  attempt: step.attempt,
})

export const foldOf = (entries: readonly Entry[]): State => entries.reduce(apply, emptyState)
