import { sayDuration } from '../../config/duration.js'
import { ofTopics } from '../../run/audits.js'
import type { LagNow } from '../../run/live.js'
import { type Expected, expectations } from '../../run/prediction.js'
import { currentStep, hasBegun, isRolledBack, numberOf, type Run, type State, type StepRun } from '../../run/state.js'
import { actions, button, context, header, section } from './blocks.js'
import { abortingIsFree, bornOnTarget, producersNow, rollbackCost, waterline, wayBack } from './cost.js'
import { doneOf, effectsOf } from './effects.js'
import { choicesInWords } from './failed.js'
import type { Message } from './message.js'
import { ownersWaited } from './owners.js'
import { approvalCount, approvedBy } from './people.js'
import { clipped, clock, count, dayAndClock, escaped, listed, named, sentence } from './say.js'
import { sayExpected, windowLine } from './window.js'

/** The whole run at a glance, kept current from its start to its end. */
export function board(state: State, run: Run, lag: LagNow | null = null): Message {
  const now = standing(run)
  return {
    key: `board/${run.id}`,
    text: `${escaped(titleOf(run))} (${run.id}): ${now}`,
    blocks: [
      header(titleOf(run)),
      context(
        `Run ${named(run.id)}${rehearsed(run)} · by ${named(run.requestedBy.name)} · ${hasBegun(run) ? 'started' : 'asked for'} ${dayAndClock(run.startedAt)} · producers ${producersNow(state, run)}${run.flow === 'canary' ? ` · ${canaryWords(run)}` : ''}`,
      ),
      section(now),
      section(stepLines(state, run), 2900),
      ...(over(run) ? [section(`*Waterline.* ${waterline(state, run)}`)] : [section(stakes(state, run, lag))]),
      ...(over(run) ? [] : [...openAlerts(state), ...auditLine(state).map((line) => section(line))]),
      context(
        `Log version ${state.version}, head \`${state.head.slice(0, 16) || 'none'}\`, which \`/migrate verify\` checks`,
      ),
      ...(run.phase.is === 'open' ? [actions(ending(run))] : []),
    ],
    ...(over(run)
      ? {}
      : {
          over: `Run ${run.id} has ended, and another has begun since. This is how it ended.\n${stepLines(state, run)}`,
        }),
  }
}

const titleOf = ({ flow, mode, runbook }: Run): string =>
  `${mode === 'rehearsal' ? 'Rehearsal: ' : ''}${flow === 'canary' ? 'Canary: ' : ''}${runbook.title}`

const rehearsed = ({ mode }: Run): string => (mode === 'rehearsal' ? ', *a rehearsal: nothing is changed*' : '')

const canaryWords = ({ migration: { apps, topics } }: Run): string =>
  `*the canary alone*: ${count(apps.length, 'app')} and ${count(topics.length, 'topic')}; everything else stays as it is`

const ending = (run: Run) =>
  hasBegun(run)
    ? button('abort', 'Abort', `Stop ${run.id} before its next change`, { run: run.id }, 'danger')
    : button('cancel', 'Cancel', `Call ${run.id} off: nothing has begun`, { run: run.id }, 'danger')

/** What `/migrate status` answers: the board's words as lines. */
export function statusLines(state: State): readonly string[] {
  const { run } = state
  if (!run)
    return [
      `No run has been asked for yet. Producers run on the ${state.activeSide}.`,
      '`/migrate cutover` asks for one.',
      ...auditLine(state),
    ]
  return [
    `*${named(titleOf(run))}* (run ${named(run.id)}${rehearsed(run)})`,
    standing(run),
    stepLines(state, run),
    over(run) ? afterwards(state, run) : stakes(state, run, null),
    ...auditLine(state),
    `Log version ${state.version}, head \`${state.head.slice(0, 16)}\``,
  ]
}

/** One sentence: where the run is, and what it waits for. */
export function standing(run: Run): string {
  const { phase } = run
  const of = run.runbook.steps.length
  if (phase.is === 'finished' && isRolledBack(run)) {
    const undone = count(run.steps.filter((step) => step.undoOf).length, 'step')
    return `Rolled back: ${undone} undone, the last at ${clock(phase.at)}, ${sayDuration(phase.at - run.startedAt)} after the start.`
  }
  if (phase.is === 'finished') return `Finished at ${clock(phase.at)}, after ${sayDuration(phase.at - run.startedAt)}.`
  if (phase.is === 'closed') return `Closed by ${named(phase.by.name)} at ${clock(phase.at)}: ${named(phase.reason)}.`
  if (phase.is === 'stopped')
    return `Stopped by ${named(phase.by.name)} at ${clock(phase.at)}: ${named(phase.reason)}. It waits for Resume, Roll back or Close.`
  if (run.held)
    return `Held since ${clock(run.held.at)}, because a rule of the whole run broke. It waits for Resume or Abort.`
  const step = currentStep(run)
  if (!step) return 'All steps are over.'
  const which = `Step ${numberOf(run, step)} of ${of}, ${named(step.step.title)},`
  if (step.phase.is === 'waiting' && run.notBefore)
    return `Armed: nothing happens before ${dayAndClock(run.notBefore)}. Until then Cancel calls it off.`
  if (step.phase.is === 'failed')
    return `${which} failed at ${clock(step.phase.at)}: ${sentence(clipped(escaped(step.phase.why), 600))} ${choicesInWords(step)}`
  return `${which} ${words(run, step)}.`
}

function stepLines(state: State, run: Run): string {
  const expected = expectations(state, run)
  const lines = run.steps.map((step) => {
    const current = step === currentStep(run) && !over(run)
    const number = step.undoOf ? '↩' : `${numberOf(run, step)}.`
    const title = clipped(named(step.step.title), 90)
    return `${number} ${current ? `*${title}*` : title}: ${clipped(words(run, step, expected.get(step.id)), 200)}`
  })
  return lines.length > 24
    ? [...lines.slice(0, 24), `and ${count(lines.length - 24, 'more step')}`].join('\n')
    : lines.join('\n')
}

/** The state of one step in words; nothing in it moves while nothing happens. */
function words(run: Run, step: StepRun, expected?: Expected): string {
  const { phase } = step
  if (run.phase.is !== 'open' && step === currentStep(run) && phase.is !== 'waiting' && phase.is !== 'failed')
    return `${run.phase.is === 'stopped' ? 'stopped' : 'the run was closed'} here${where(step)}`
  switch (phase.is) {
    case 'waiting':
      return `not yet${sayExpected(expected)}`
    case 'thinking':
      return `is measured before anyone is asked, since ${clock(phase.since)}`
    case 'asking':
      return `waits for approval since ${clock(phase.since)} (${approvalCount(run, step)})${step.escalated ? `; the role ${named(step.escalated.role)} was called at ${clock(step.escalated.at)}` : ''}`
    case 'confirming':
      return 'is approved, and measured once more before it acts'
    case 'acting':
      return `is being done since ${clock(phase.since)} (${doneOf(effectsOf(step))} of ${count(effectsOf(step).length, 'change')})${sayExpected(expected)}`
    case 'checking':
      return `is being proved since ${clock(phase.since)}${sayExpected(expected)}${ownersWaited(run, step)}`
    case 'passed':
      return `${run.mode === 'rehearsal' ? 'rehearsed' : 'passed'} after ${sayDuration(phase.at - (step.startedAt ?? phase.at))}${sayExpected(expected)}${step.approvals.length ? `, approved by ${approvedBy(step)}` : ', nothing had to be changed'}`
    case 'failed':
      return `failed at ${clock(phase.at)}, and waits for a person`
    case 'skipped':
      return `skipped by ${named(phase.by.name)}: ${named(phase.reason)}`
    case 'undone':
      return `undone at ${clock(phase.at)}`
  }
}

/** What was going on in a step in which the run was stopped. */
function where(step: StepRun): string {
  switch (step.phase.is) {
    case 'thinking':
      return ', while it was measured'
    case 'asking':
      return ', before it was approved'
    case 'confirming':
      return ', approved and not yet done'
    case 'acting':
      return `, with ${doneOf(effectsOf(step))} of ${count(effectsOf(step).length, 'change')} done`
    case 'checking':
      return ', while it was proved'
    default:
      return ''
  }
}

/** What `/migrate status` says of a run that is over, instead of what is at stake. */
const afterwards = (state: State, run: Run): string =>
  [
    `*Producers* ${producersNow(state, run)}.`,
    `*Waterline.* ${waterline(state, run)}`,
    `*Going back.* ${wayBack(state)}`,
  ].join('\n')

function stakes(state: State, run: Run, lag: LagNow | null): string {
  return [
    `*Waterline.* ${waterline(state, run)}`,
    `*Going back.* ${rollbackCost(state, run)}`,
    ...(run.phase.is === 'open' ? [`*Aborting.* ${abortingIsFree(run)}`] : []),
    ...bornOnTarget(state, run, lag),
    ...windowLine(state, run),
  ].join('\n')
}

function auditLine({ audit }: State): readonly string[] {
  if (!audit) return []
  return [
    `*Audit.* Of ${named(ofTopics(audit.topic))}, asked for by ${named(audit.by.name)} at ${clock(audit.at)}: under way.`,
  ]
}

function openAlerts(state: State) {
  const open = state.alerts.filter((alert) => !alert.closed)
  if (open.length === 0) return []
  const critical = open.filter((alert) => alert.severity === 'critical').length
  return [
    section(
      `*Alerts.* ${count(open.length, 'alert')} open, ${critical} critical: ${listed(
        open.map((alert) => named(alert.title)),
        5,
      )}.`,
    ),
  ]
}

const over = (run: Run): boolean => run.phase.is === 'finished' || run.phase.is === 'closed'
