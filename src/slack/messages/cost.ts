import { sayDuration } from '../../config/duration.js'
import { producersDown } from '../../run/downtime.js'
import type { LagNow } from '../../run/live.js'
import { expectations, lastDowntime, undoMs } from '../../run/prediction.js'
import { numberOf, pastPivot, type Run, type State, type StepRun } from '../../run/state.js'
import { goesBackAtOnce, isWayBack, nothingToRollBack, rollbackOf } from '../../run/undo.js'
import { clock, count, listed, named } from './say.js'

/** What going back would take now, and whether the pivot is behind. */
export function rollbackCost(state: State, run: Run): string {
  if (run.mode === 'rehearsal') return 'Nothing: a rehearsal changes nothing.'
  if (run.steps.some((step) => step.undoOf)) return 'This run is being rolled back.'
  if (pastPivot(run) && isWayBack(run))
    return 'This run is the way back. Rolling back now closes it and begins the way back anew, which finds done what is done.'
  if (pastPivot(run))
    return `The pivot is behind: rolling back now runs the runbook ${named(rollbackOf(state))}, each step approved on its own. ${downOnWayBack(state, run)}`
  const begun = run.steps.filter(begunStep)
  if (begun.length === 0 && goesBackAtOnce(state, run))
    return `This run has changed nothing, and producers run on the target since an earlier one: rolling back now runs the runbook ${named(rollbackOf(state))}, each step approved on its own. ${downOnWayBack(state, run)}`
  if (begun.length === 0)
    return 'Rolling back now would undo nothing, since nothing has been changed: it closes the run.'
  const changes = begun.reduce((sum, step) => sum + step.effects.filter(begunEffect).length, 0)
  const pivot = run.steps.find((step) => step.step.undo === 'none')
  const until = pivot ? ` The pivot is step ${numberOf(run, pivot)}, ${named(pivot.step.title)}.` : ''
  return `${isWayBack(run) ? 'This run is the way back. ' : ''}Rolling ${isWayBack(run) ? 'it ' : ''}back now undoes ${count(changes, 'change')} of ${count(begun.length, 'step')}, newest first. ${producersMeanwhile(state, run)}${until}`
}

/** `run on the source`, or since when they do not. */
export function producersNow({ activeSide }: State, run: Run): string {
  const down = producersDown(run)
  if (!down) return `run on the ${activeSide}`
  return down.apps === down.of
    ? `stand still since ${clock(down.since)}, and ran on the ${activeSide} before`
    : `run on the ${activeSide}, but for ${down.apps} of ${down.of}, the last stopped at ${clock(down.since)}`
}

/** What going back would be once the run is over. */
export const wayBack = (state: State): string =>
  nothingToRollBack(state, state.flow)
    ? 'Nothing: producers run on the source, and no run has left anything changed.'
    : 'The run is over; `/migrate rollback` starts the rollback runbook.'

/** Before the pivot producers only stand still if this run has stopped them. */
function producersMeanwhile(state: State, run: Run): string {
  const down = producersDown(run)
  if (!down) return 'Producers run meanwhile.'
  const expected = expectations(state, run)
  const back = run.steps.filter(begunStep).reverse()
  const restart = back.findLastIndex((step) => step.effects.some(({ effect }) => isUpstream(run, effect.on)))
  const ms = back
    .slice(0, restart + 1)
    .map((step) => undoMs(expected, step))
    .reduce<number | null>((all, one) => (all === null || one === null ? null : all + one), 0)
  return `Producers stand still since ${clock(down.since)}; until they run again it takes ${ms === null ? 'a while: no earlier run tells how long' : `about ${sayDuration(ms)}`}.`
}

function downOnWayBack(state: State, run: Run): string {
  const before = lastDowntime(state, run, rollbackOf(state))
  return before
    ? `Producers would stand still for about ${sayDuration(before.producersDownMs)}, as in ${named(before.id)}.`
    : 'No earlier run tells how long producers would stand still.'
}

const isUpstream = (run: Run, on: unknown): boolean =>
  run.migration.apps.some(({ name, tier }) => tier === 'upstream' && name === (on as { app?: string } | null)?.app)

/** What exists on the target alone: going back has to drain it there or carry it back. In two digits, so that it rarely moves. */
export function bornOnTarget(state: State, run: Run, lag: LagNow | null): readonly string[] {
  if (run.flow !== 'main' || state.activeSide !== 'target' || lag?.bornOnTarget === undefined) return []
  const records = Number(lag.bornOnTarget.toPrecision(2))
  return [
    `*Only on the target.* About ${count(records, 'record')} since the waterline: a debt to the source, which going back drains first.`,
  ]
}

/** The latest moment at which aborting costs nothing. */
export function abortingIsFree(run: Run): string {
  if (run.mode === 'rehearsal') return 'Free: a rehearsal changes nothing.'
  const begun = run.steps.find(begunStep)
  if (begun) return `No longer free: step ${numberOf(run, begun)} has begun to change things.`
  const first = run.steps.find((step) => step.step.do.length > 0)
  return first
    ? `Free until step ${numberOf(run, first)}, ${named(first.step.title)}, is approved.`
    : 'Free: this runbook changes nothing.'
}

/** Where the waterline stands in the log, or that it does not. */
export function waterline(state: State, run: Run): string {
  const fact = state.facts.waterline
  if (!fact) return 'Not recorded yet.'
  const step = fact.run === run.id ? run.steps.find((one) => one.id === fact.step) : undefined
  return `Recorded at ${clock(fact.at)} ${step ? `in step ${numberOf(run, step)}` : `by run ${named(fact.run)}`}.`
}

/** Changes that had left for a cluster when the run was stopped. */
export const onTheWire = (effects: readonly string[]): string =>
  effects.length === 0
    ? 'Nothing was on its way to a cluster.'
    : `On its way already, and so perhaps done: ${listed(effects.map(named), 5)}.`

const begunEffect = (effect: StepRun['effects'][number]): boolean => effect.begun
const begunStep = (step: StepRun): boolean => !step.undoOf && step.effects.some(begunEffect)
