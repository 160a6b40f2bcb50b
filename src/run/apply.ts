import type { Side } from '../config/migration.js'
import type { Effect } from '../runbook/language.js'
import { headsOf, stoppedByAdoption } from './adoption.js'
import { downtimeOf } from './downtime.js'
import type { AlertFacts, At, Author, Entry, Event, Person } from './events.js'
import { timingsOf } from './prediction.js'
import {
  type Alert,
  type EffectRun,
  inFlow,
  type Run,
  type RunEnd,
  type RunSummary,
  type State,
  type StepRun,
  waiting,
} from './state.js'
import { changedClusters, undoSteps } from './undo.js'

/** Folds one event into the state. Knows nothing of why: `decide` asked all questions before. */
export function apply(state: State, entry: Entry): State {
  const next = { ...state, version: entry.version, head: entry.hash }
  const { event, at, by } = entry
  switch (event.type) {
    case 'run-started':
      return {
        ...inFlow(next, event.flow ?? 'main'),
        previous: state.run,
        past: state.run ? [...state.past, summary(state.run, at)] : state.past,
        run: begin(event, at, person(by)),
      }
    case 'run-aborted':
      return inRun(next, (run) => ({
        ...run,
        phase: { is: 'stopped', at, by: person(by), reason: event.reason, onTheWire: event.onTheWire },
      }))
    case 'run-resumed':
      return inRun(next, (run) => ({ ...run, phase: { is: 'open' }, held: null }))
    case 'run-closed':
      return inRun(next, (run) => ({
        ...run,
        phase: { is: 'closed', at, by: person(by), reason: event.reason, ...wasStopped(run) },
        end: endOf(next),
      }))
    case 'run-finished':
      return inRun(next, (run) => ({ ...run, phase: { is: 'finished', at }, end: endOf(next) }))
    case 'run-held':
      return inRun(next, (run) => ({ ...run, held: { at, gates: event.gates } }))
    case 'run-released':
      return inRun(next, (run) => ({ ...run, held: null }))
    case 'rollback-begun':
      return inRun(next, (run) => ({ ...run, phase: { is: 'open' }, held: null, steps: undoSteps(run, event.undo) }))
    case 'app-waived': {
      const { app, how, reason } = event
      return inRun(next, (run) => ({
        ...run,
        waivers: [...run.waivers, { app, how, reason, by: person(by), at }],
        steps: how === 'exclude' ? run.steps.map((step) => leaveOut(step, app)) : run.steps,
      }))
    }
    case 'alert-raised':
      return {
        ...next,
        alerts: [
          ...state.alerts.filter((alert) => !alert.closed || at - alert.closed.at < 3_600_000),
          raise(event.alert, entry),
        ],
      }
    case 'alert-updated':
      return inAlert(next, event.alert.cause, (alert) => ({ ...alert, ...event.alert, updatedAt: at }))
    case 'alert-closed':
      return inAlert(next, event.cause, (alert) => ({ ...alert, closed: { at, text: event.text } }))
    case 'alert-acknowledged':
      return inAlert(next, event.cause, (alert) => ({ ...alert, acknowledged: person(by), updatedAt: at }))
    case 'alert-snoozed':
      return inAlert(next, event.cause, (alert) => ({ ...alert, snoozedUntil: event.until, updatedAt: at }))
    case 'adopted': {
      const own = state.run
      // Of a log that was only shortened it holds the beginning itself, and what was kept knows more of each run.
      const told = new Set([...event.past, ...(event.adopted ? [event.adopted] : [])].map(begunAt))
      const ownPast = state.past.filter((one) => !told.has(begunAt(one)))
      const approver = own?.steps.flatMap((step) => step.approvals).at(-1)?.by ?? person(by)
      return {
        ...next,
        activeSide: event.activeSide,
        activeBy: event.adopted && broughtTo(event.adopted, event.activeSide) ? event.adopted.id : null,
        flow: event.adopted?.flow ?? 'main',
        adopted: [...state.adopted, ...headsOf(event)],
        past: [...event.past, ...ownPast, ...(event.adopted && own ? [summary(own, at)] : [])],
        run: event.adopted ? stoppedByAdoption(event.adopted, at, approver) : own,
        previous: event.adopted ? own : state.previous,
      }
    }
    case 'fact-recorded':
      return {
        ...next,
        facts: { ...state.facts, [event.name]: { digest: event.digest, run: event.run, step: event.step, at } },
      }
    case 'audit-begun':
      return { ...next, audit: { id: event.audit, topic: event.topic, by: person(by), at } }
    case 'audit-ended': {
      // Whatever run is open: what is audited is the whole estate, never the canary.
      const main = inFlow({ ...next, audit: null }, 'main')
      const audit = { digest: event.digest, run: event.audit, step: '', at }
      return inFlow({ ...main, facts: { ...main.facts, audit } }, next.flow)
    }
    default:
      return activeSide(
        inRun(next, (run) =>
          undone(
            inStep(run, event, (step) => applyToStep(step, event, at, by)),
            event,
            at,
          ),
        ),
        event,
      )
  }
}

type StepEvent = Extract<Event, At> & Event
type OfStep = Exclude<StepEvent, { type: 'fact-recorded' }>

function applyToStep(step: StepRun, event: OfStep, at: number, by: Author): StepRun {
  switch (event.type) {
    case 'step-thinking':
      return {
        ...step,
        attempt: event.attempt,
        phase: { is: 'thinking', since: at },
        startedAt: step.startedAt ?? at,
        think: [],
        check: [],
        approvals: [],
        fallen: [],
        askedAgain: 0,
        // A word for an app outlives the attempt: hundreds of owners are not asked again because of one.
        answers: step.answers.filter((answer) => answer.yes && answer.apps),
      }
    case 'think-changed':
      return { ...step, think: event.gates }
    case 'step-planned':
      return {
        ...step,
        phase: { is: 'asking', since: at, nonce: event.nonce, digest: event.digest, until: event.until },
        think: event.gates,
        approvals: [],
        escalated: null,
        asked: [...step.asked.filter((digest) => digest !== event.digest), event.digest],
        askedAgain: step.askedAgain + (step.fell !== null && step.fallen.length ? 1 : 0),
        effects: step.effects.filter((effect) => effect.begun),
      }
    case 'effect-planned':
      return {
        ...step,
        effects: plan(step.effects, {
          effect: event.effect,
          attempt: event.attempt,
          order: event.order,
          failures: 0,
          begun: false,
          status: { is: 'planned' },
        }),
      }
    case 'approved':
      return {
        ...step,
        approvals: [...step.approvals, { by: person(by), at }],
        fell: null,
        phase: event.enough && step.phase.is === 'asking' ? { ...step.phase, is: 'confirming' } : step.phase,
      }
    case 'approvals-fell':
      return { ...step, approvals: [], fallen: step.approvals, fell: event.why, phase: { is: 'thinking', since: at } }
    case 'escalated':
      return { ...step, escalated: { role: event.role, at } }
    case 'step-acting':
      return { ...step, think: event.gates, phase: { is: 'acting', since: at }, fell: null, fallen: [], actedAt: at }
    case 'effects-claimed':
      return inEffects(step, event.effects, (effect) => ({
        ...effect,
        begun: true,
        status: { is: 'claimed', until: event.until, replica: by.kind === 'engine' ? by.replica : '' },
      }))
    case 'effect-done':
      return inEffects(step, [event.effect], (effect) => ({
        ...effect,
        begun: true,
        status: { is: 'done', at, text: event.text },
      }))
    case 'effect-continued':
      return inEffects(step, [event.effect], (effect) => ({ ...effect, status: { is: 'planned' } }))
    case 'effect-failed':
      return inEffects(step, [event.effect], (effect) => ({
        ...effect,
        failures: effect.failures + 1,
        status: { is: 'failed', at, text: event.text },
      }))
    case 'step-checking':
      return { ...step, phase: { is: 'checking', since: at } }
    case 'check-changed':
      return { ...step, check: event.gates }
    case 'answered':
      return {
        ...step,
        answers: [...step.answers.flatMap((old) => besides(old, event, person(by))), answer(event, at, person(by))],
      }
    case 'step-passed':
      return {
        ...step,
        check: event.gates,
        passedAt: at,
        phase: step.undoOf ? { is: 'undone', at } : { is: 'passed', at, asked: step.approvals.length > 0 },
      }
    case 'step-failed':
      return {
        ...step,
        phase: { is: 'failed', at, why: event.why },
        ...(step.phase.is === 'checking' ? { check: event.gates } : {}),
      }
    case 'step-skipped':
      return { ...step, phase: { is: 'skipped', at, by: person(by), reason: event.reason } }
  }
}

type Answered = Extract<OfStep, { type: 'answered' }>
type Answer = StepRun['answers'][number]

function answer({ question, yes, apps, reason }: Answered, at: number, by: Person): Answer {
  return { question, yes, by, at, ...(apps ? { apps } : {}), ...(reason ? { reason } : {}) }
}

/** What is left of an older answer: a person's newer one replaces it, and of apps a newer one about the same. */
function besides(old: Answer, { question, apps }: Answered, by: Person): Answer[] {
  if (old.question !== question) return [old]
  if (!apps || !old.apps) return old.by.id === by.id ? [] : [old]
  const left = old.apps.filter((app) => !apps.includes(app))
  return left.length ? [{ ...old, apps: left }] : []
}

/** What is planned for an app that is excluded will not be done; what was begun stays known, and undo inverts it. */
const leaveOut = (step: StepRun, app: string): StepRun => ({
  ...step,
  effects: step.effects.flatMap((one) => {
    if ((one.effect.on as { app?: string } | null)?.app !== app || one.status.is === 'done') return one
    return one.begun ? { ...one, attempt: noAttempt } : []
  }),
})
/** Of an effect that is in no attempt's hand any more. */
const noAttempt = 0

/** A second attempt plans an effect again under the same id: the newest plan counts, but the first `before` is the one that undo wants. */
function plan(effects: readonly EffectRun[], planned: EffectRun): readonly EffectRun[] {
  const first = effects.find((old) => old.effect.id === planned.effect.id && old.begun)
  const kept = effects.filter((old) => old.effect.id !== planned.effect.id)
  const again = first && { ...planned, begun: true, effect: { ...planned.effect, before: first.effect.before } }
  return [...kept, again ?? planned]
}

function begin(event: Extract<Event, { type: 'run-started' }>, at: number, by: Person): Run {
  const steps = event.runbook.steps.map((step) => waiting(step))
  const { run: id, mode, runbook, migration, bot, notBefore, until = null, flow = 'main' } = event
  return {
    id,
    mode,
    flow,
    runbook,
    migration,
    bot,
    notBefore,
    until,
    requestedBy: by,
    startedAt: at,
    phase: { is: 'open' },
    end: null,
    held: null,
    waivers: [],
    steps,
  }
}

const endOf = ({ version, head, facts, activeSide }: State): RunEnd => ({ version, head, facts, activeSide })

/** Tells a run from one of the same name in another log. */
const begunAt = ({ id, startedAt }: Pick<Run, 'id' | 'startedAt'>) => `${id} ${startedAt}`

const summary = (run: Run, now: number): RunSummary => ({
  id: run.id,
  title: run.runbook.title,
  phase: run.phase.is,
  requestedBy: run.requestedBy,
  startedAt: run.startedAt,
  endedAt: 'at' in run.phase ? run.phase.at : now,
  flow: run.flow,
  runbook: run.runbook.name,
  changed: changedClusters(run),
  timings: timingsOf(run),
  producersDownMs: downtimeOf(run)?.ms ?? null,
})

/** When an undo step has passed, the step it undid is undone. */
function undone(run: Run, event: OfStep, at: number): Run {
  const undoOf = event.type === 'step-passed' ? run.steps.find((step) => step.id === event.step)?.undoOf : null
  return undoOf ? inStep(run, { ...event, step: undoOf }, (step) => ({ ...step, phase: { is: 'undone', at } })) : run
}

/** The side on which upstream apps were last started is where the producers run. */
function activeSide(state: State, event: OfStep): State {
  if (event.type !== 'effect-done' || !state.run) return state
  const done = state.run.steps
    .find((step) => step.id === event.step)
    ?.effects.find((effect) => effect.effect.id === event.effect)?.effect
  const side = done && startsProducersOn(state.run, done)
  return side && side !== state.activeSide ? { ...state, activeSide: side, activeBy: state.run.id } : state
}

function startsProducersOn({ migration }: Run, { on, after }: Effect): Side | null {
  const { side, app: name } = (on ?? {}) as { side?: Side; app?: string }
  const grows = ((after as { replicas?: number } | null)?.replicas ?? 0) > 0
  const app = migration.apps.find((one) => one.name === name)
  return grows && side && app?.tier === 'upstream' ? side : null
}

const broughtTo = (run: Run, side: Side): boolean =>
  run.steps.some((step) =>
    step.effects.some(({ effect, status }) => status.is === 'done' && startsProducersOn(run, effect) === side),
  )

function raise(facts: AlertFacts, entry: Entry): Alert {
  return {
    ...facts,
    id: `${facts.cause}/${entry.version}`,
    raisedAt: entry.at,
    updatedAt: entry.at,
    acknowledged: null,
    snoozedUntil: 0,
    closed: null,
  }
}

const inRun = (state: State, change: (run: Run) => Run): State =>
  state.run ? { ...state, run: change(state.run) } : state

const inStep = (run: Run, where: At, change: (step: StepRun) => StepRun): Run => ({
  ...run,
  steps: run.steps.map((step) => (step.id === where.step ? change(step) : step)),
})

const inEffects = (step: StepRun, ids: readonly string[], change: (effect: EffectRun) => EffectRun): StepRun => ({
  ...step,
  effects: step.effects.map((effect) => (ids.includes(effect.effect.id) ? change(effect) : effect)),
})

const inAlert = (state: State, cause: string, change: (alert: Alert) => Alert): State => ({
  ...state,
  alerts: state.alerts.map((alert) => (alert.cause === cause && !alert.closed ? change(alert) : alert)),
})

const wasStopped = ({ phase }: Run) =>
  phase.is === 'stopped' ? { stopped: { at: phase.at, by: phase.by, reason: phase.reason } } : {}

function person(by: Author): Person {
  return by.kind === 'person' ? by : { kind: 'person', id: by.kind, name: by.kind, via: 'cli' }
}
