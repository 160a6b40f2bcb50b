import type { Flow } from '../config/migration.js'
import type { ActionCall, Effect, GateCall, Runbook } from '../runbook/language.js'
import { askedAfterUndo } from '../runbook/valve-word.js'
import type { PlannedEffect } from './commands.js'
import { type EffectRun, inFlow, type Run, type State, type StepRun, waiting } from './state.js'

/** The runbook by which a lost log is taken over from what the clusters remember. */
export const adoptRunbook = 'adopt'

/** It stops the producers of the source, so it is for an estate that stands there. */
export const cutsOver = ({ steps }: Runbook): boolean =>
  steps.some((step) =>
    step.do.some(({ action, args }) => {
      const { side, tier } = (args ?? {}) as { side?: string; tier?: string }
      return action === 'apps-stop' && side === 'source' && tier === 'upstream'
    }),
  )

/** Steps whose effects were begun, newest first: what rolling back before the pivot inverts. */
export function undoable(run: Run): readonly string[] {
  return run.steps
    .filter((step) => !step.undoOf && step.effects.some(isBegun))
    .map((step) => step.id)
    .reverse()
}

/**
 * Producers run on the source, and no run has left anything changed: there is no way back to go. What the log no longer tells
 * whole counts as changed, since a way back too many only finds its work done.
 */
export function nothingToRollBack(state: State, flow: Flow): boolean {
  if (inFlow(state, flow).activeSide !== 'source') return false
  const known = [state.run, state.previous].filter((run) => run?.flow === flow)
  const newest = known.find(
    (run) =>
      run?.mode === 'real' &&
      (movesOver(run) || isWayBack(run)) &&
      run.steps.some((step) => step.effects.some(isBegun)),
  )
  if (newest) return newest.phase.is === 'finished' && isWayBack(newest)
  const told = known.map((run) => run?.id)
  return state.past.every((one) => one.flow !== flow || told.includes(one.id) || one.phase === 'finished')
}
/** Began to change anything; taking a lost log over changes nothing but the log. */
export const changedClusters = ({ mode, runbook, steps }: Run): boolean =>
  mode === 'real' && runbook.name !== adoptRunbook && steps.some((step) => step.effects.some(isBegun))
const movesOver = ({ runbook }: Run): boolean => runbook.rollback !== null
/** A run that was undone step by step, or one of those runbooks that go back. */
export const isWayBack = ({ runbook, steps }: Run): boolean =>
  steps.some((step) => step.undoOf) || runbook.name.startsWith('rollback')
const isBegun = ({ begun }: EffectRun): boolean => begun

/** The steps that did something, and behind them one undo step for each that is undone. */
export function undoSteps(run: Run, undo: readonly string[]): readonly StepRun[] {
  const begun = run.steps.filter(
    (step) => undo.includes(step.id) || step.phase.is === 'passed' || step.phase.is === 'skipped',
  )
  return [...begun, ...undo.flatMap((id) => undoStep(run, id))]
}

/** The run has changed nothing, but an earlier one has brought producers to the target: what is to be undone is that. */
export const goesBackAtOnce = ({ activeSide }: State, run: Run): boolean =>
  activeSide === 'target' && run.mode === 'real' && !isWayBack(run) && undoable(run).length === 0

/** The runbook by which this run is rolled back from its pivot on. */
export const rollbackOf = (state: State): string => state.run?.runbook.rollback ?? 'rollback'

/** Going back may be approved by others, or by fewer, than going on; by the same where migration.yaml says nothing of it. */
export const rollbackPolicy = 'rollback'

function undoStep(run: Run, id: string): StepRun[] {
  const original = run.steps.find((step) => step.id === id)
  if (!original) return []
  return [
    waiting(
      {
        ...original.step,
        id: `undo-${id}`,
        title: `Undo: ${original.step.title}`,
        think: [],
        do: [],
        check: [
          ...proofOf(original, run.migration),
          ...askedAfterUndo(
            run.migration,
            original.effects.filter((effect) => effect.begun).map(({ effect }) => effect),
          ),
        ],
        approve: run.migration.policies[rollbackPolicy] ? rollbackPolicy : original.step.approve,
        undo: 'inverse',
      },
      id,
    ),
  ]
}

/** What shows that a step is undone, by the word of its actions; a valve that people work is asked after instead. */
function proofOf({ step, effects }: StepRun, { valve, apps }: Run['migration']): readonly GateCall[] {
  const isSeen = ({ gate }: GateCall) => valve.kind !== 'person' || !gate.startsWith('valve-')
  // A call that found its work done has nothing to undo, and nothing of it can be expected afterwards.
  const didSomething = ({ action, args }: ActionCall) => {
    const { side, tier } = (args ?? {}) as { side?: string; tier?: string }
    return effects.some(({ begun, effect }) => {
      const on = (effect.on ?? {}) as { side?: string; app?: string }
      const isIts =
        (side ?? on.side) === on.side && (!tier || apps.some((app) => app.name === on.app && app.tier === tier))
      return begun && effect.action === action && isIts
    })
  }
  const gates = step.do
    .filter(didSomething)
    .flatMap((call) => call.undone ?? [])
    .filter(isSeen)
  const said = gates.map(({ gate, args }) => JSON.stringify([gate, args]))
  return gates.filter((_, i) => said.indexOf(said[i]!) === i)
}

/** The begun effects of the step inverted, in reverse: no hand-written undo can be wrong. */
export function undoPlan(run: Run, undoOf: string): readonly PlannedEffect[] {
  const begun = run.steps.find((step) => step.id === undoOf)?.effects.filter((effect) => effect.begun) ?? []
  const highest = Math.max(0, ...begun.map((effect) => effect.order))
  return [...begun]
    .reverse()
    .map(({ effect, order }) => ({ order: highest - order, effect: inverse(effect) }))
    .sort((a, b) => a.order - b.order)
}

function inverse(effect: Effect): Effect {
  const { gate: _, ...rest } = effect
  return { ...rest, id: `undo ${effect.id}`, before: effect.after, after: effect.before, text: undoing(effect) }
}

/** What undoing a change does, in its own direction: nobody should have to turn a sentence around at night. */
function undoing({ text, before, after }: Effect): string {
  const app = /^scale (.+) from \d+ to \d+$/.exec(text)?.[1]
  // A second attempt may have found part of it done: its words do not tell where the first began.
  if (app) return `scale ${app} from ${replicasOf(after)} to ${replicasOf(before)}`
  for (const [did, does] of turnedAround) if (did.test(text)) return text.replace(did, does)
  return `undo: ${text}`
}

const replicasOf = (scale: Effect['before']) => (scale as { replicas: number }).replicas

const turnedAround: readonly (readonly [RegExp, string])[] = [
  [/^stop (.+)$/, 'start $1'],
  [/^start (.+)$/, 'stop $1'],
  [/^deny everybody to write (.+)$/, 'let $1 be written again by whom ACLs allow'],
  [/^let (.+) be written again by whom (?:its )?ACLs allow$/, 'deny everybody to write $1'],
  [/^have (.+) closed on the (source|target) by (.+)$/, 'have $1 opened to the $2 by $3'],
  [/^have (.+) opened to the (source|target) by (.+)$/, 'have $1 closed on the $2 by $3'],
]
