import type { Event } from '../../src/run/events.js'

/** A place in the bot's work at which it can be struck, in the step that the fault is meant for. */
export type Boundary =
  | { readonly at: 'append'; readonly when: 'before' | 'after'; readonly event: Event['type'] }
  | { readonly at: 'job'; readonly when: 'before' | 'after'; readonly job: 'advance' | 'announce' }
  /** `within`: the workload's version is read and the claim found good, and nothing is written yet. */
  | { readonly at: 'effect'; readonly when: 'before' | 'within' | 'after' }
  | { readonly at: 'post' | 'update'; readonly when: 'before' | 'after' }

/** What happens there: to the bot that is there itself, or to what it needs. */
export type Blow =
  | { readonly does: 'SIGKILL' | 'SIGSTOP' }
  | { readonly does: 'redis-restarts' | 'redis-pauses' }
  | { readonly does: 'slack'; readonly answer: 429 | 500 | 'silence' }

export interface Fault {
  readonly name: string
  readonly replicas: 1 | 2
  readonly boundary: Boundary
  readonly blow: Blow
}

const kill: Blow = { does: 'SIGKILL' }
const stop: Blow = { does: 'SIGSTOP' }
const appends = ['step-planned', 'approved', 'step-acting', 'effects-claimed', 'effect-done', 'step-passed'] as const
const around = ['before', 'after'] as const
const effect = { at: 'effect', when: 'before' } as const

const single: readonly Fault[] = [
  ...appends.flatMap((event) =>
    around.map((when) => one(`kill -9 ${when} the append of ${event}`, { at: 'append', when, event }, kill)),
  ),
  ...(['advance', 'announce'] as const).flatMap((job) =>
    around.map((when) => one(`kill -9 ${when} a round of ${job}`, { at: 'job', when, job }, kill)),
  ),
  one('kill -9 before an effect', effect, kill),
  one('kill -9 after an effect', { at: 'effect', when: 'after' }, kill),
  ...(['post', 'update'] as const).flatMap((at) =>
    around.map((when) =>
      one(`kill -9 ${when} ${at === 'post' ? 'a post' : 'an update of the board'}`, { at, when }, kill),
    ),
  ),
  one('Redis killed and started again (AOF)', effect, { does: 'redis-restarts' }),
  one('Redis paused for 5 s', effect, { does: 'redis-pauses' }),
  ...([429, 500, 'silence'] as const).map((answer) =>
    one(
      answer === 'silence' ? 'Slack says nothing' : `Slack answers ${answer}`,
      { at: 'append', when: 'before', event: 'step-planned' },
      { does: 'slack', answer },
    ),
  ),
]

const paused: readonly (readonly [string, Boundary])[] = [
  ['before the append of effects-claimed', { at: 'append', when: 'before', event: 'effects-claimed' }],
  ['after the append of effects-claimed', { at: 'append', when: 'after', event: 'effects-claimed' }],
  ['before an effect', effect],
  ['between an effect’s read and its write', { at: 'effect', when: 'within' }],
  ['after an effect', { at: 'effect', when: 'after' }],
  ['before the append of effect-done', { at: 'append', when: 'before', event: 'effect-done' }],
  ['before a post', { at: 'post', when: 'before' }],
  ['after a post', { at: 'post', when: 'after' }],
  ['before an update of the board', { at: 'update', when: 'before' }],
]

const double: readonly Fault[] = [
  two('one of two killed before an effect', effect, kill),
  two(
    'one of two killed after the append of effects-claimed',
    { at: 'append', when: 'after', event: 'effects-claimed' },
    kill,
  ),
  two('one of two killed before a post', { at: 'post', when: 'before' }, kill),
  ...paused.map(([where, boundary]) => two(`one of two paused ${where}, woken when the run is over`, boundary, stop)),
]

export const faults: readonly Fault[] = [...single, ...double]

/** The night has three steps, of which the last is the pivot; the fourth column is a night that is rolled back before it. */
export const steps = ['one', 'two', 'three', 'undo-two'] as const
export type StepName = (typeof steps)[number]

export interface Cell {
  readonly fault: Fault
  readonly step: StepName
}

export const cells: readonly Cell[] = faults.flatMap((fault) => steps.map((step) => ({ fault, step })))

/** So many cells in an order that the seed gives, each of another fault as long as there are any. */
export function sampleOf(seed: number, count: number): readonly Cell[] {
  const random = seeded(seed)
  const shuffled = [...faults].map((fault) => [random(), fault] as const).sort(([a], [b]) => a - b)
  return Array.from({ length: count }, (_, i) => ({
    fault: shuffled[i % shuffled.length]![1],
    step: steps[Math.floor(random() * steps.length)]!,
  }))
}

function one(name: string, boundary: Boundary, blow: Blow): Fault {
  return { name, replicas: 1, boundary, blow }
}

function two(name: string, boundary: Boundary, blow: Blow): Fault {
  return { name, replicas: 2, boundary, blow }
}

/** mulberry32: the same numbers for the same seed. */
export function seeded(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
