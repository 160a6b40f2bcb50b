import { sayDuration } from '../../config/duration.js'
import { producersDown } from '../../run/downtime.js'
import { openQuestions } from '../../run/questions.js'
import type { Report, ReportedRange } from '../../run/report.js'
import { currentStep, isOpen, type Run, type State, type StepRun } from '../../run/state.js'
import { standing } from './board.js'
import { abortingIsFree, producersNow, rollbackCost, waterline, wayBack } from './cost.js'
import { stops } from './gates.js'
import { approvers, whoAnswers } from './people.js'
import { clock, count, dayAndClock, escaped, listed, named, sentence } from './say.js'

/** Ten lines for whoever takes over in the middle of the night. */
export function briefLines(state: State, report: Report | null, now: number): readonly string[] {
  const { run } = state
  if (!run || !report) return [`No run has been asked for yet. Producers run on the ${state.activeSide}.`, head(state)]
  return [
    `*What.* ${named(run.runbook.title)}${run.mode === 'rehearsal' ? ', a rehearsal' : ''} (run ${named(run.id)}), asked for by ${named(run.requestedBy.name)} ${sayDuration(now - run.startedAt)} ago (${dayAndClock(run.startedAt)}).`,
    `*Where.* ${standing(run)}`,
    `*Waits for.* ${waitsFor(run)}`,
    `*Producers* ${producers(state, run, report)}`,
    `*Waterline.* ${waterline(state, run)}`,
    `*Debt.* ${debt(report)}`,
    `*Alerts.* ${alerts(state)}`,
    `*Going back.* ${isOpen(run) ? rollbackCost(state, run) : wayBack(state)}`,
    `*Aborting.* ${run.phase.is === 'open' ? abortingIsFree(run) : run.phase.is === 'stopped' ? 'It is stopped already.' : 'Nothing is going on.'}`,
    head(state),
  ]
}

function waitsFor(run: Run): string {
  if (!isOpen(run)) return 'Nobody: the run is over.'
  if (run.phase.is === 'stopped') return 'A person: Resume, Roll back or Close.'
  if (run.held) return `A person, to resume or abort: ${gates(run.held.gates.map((look) => look.text))}`
  const step = currentStep(run)
  return step ? stepWaitsFor(run, step) : 'Nobody.'
}

function stepWaitsFor(run: Run, step: StepRun): string {
  const { phase } = step
  switch (phase.is) {
    case 'asking':
      return `Approval until ${clock(phase.until)}. ${approvers(run, step)}`
    case 'failed':
      return `A person, to retry, skip or roll back: ${sentence(escaped(phase.why.slice(0, 300)))}`
    case 'thinking':
    case 'checking': {
      const [question] = openQuestions(run, step)
      const open = step[phase.is === 'thinking' ? 'think' : 'check']
        .filter((look) => stops(look) && !(question && look.gate.startsWith('asked')))
        .map((look) => look.text)
      return `${question ? `${whoAnswers(run, step, question)} to answer “${escaped(question.question)}”. ` : ''}${open.length ? gates(open) : question ? '' : 'The gates being measured.'}`
    }
    case 'acting': {
      const left = step.effects.filter(({ status }) => status.is !== 'done').map(({ effect }) => effect.text)
      return `Changes: ${escaped(listed(left, 5)) || 'all are done'}.`
    }
    default:
      return 'The engine.'
  }
}

const gates = (texts: readonly string[]) => sentence(escaped(listed(texts, 3)))

function producers(state: State, run: Run, { downtime }: Report): string {
  const now = `${producersNow(state, run)}.`
  if (!downtime) return `${now} None was stopped in this run.`
  if (downtime.ms !== null) return `${now} They were down for ${sayDuration(downtime.ms)}, by the log.`
  return producersDown(run)
    ? now
    : `${now} The last was stopped at ${clock(downtime.stoppedAt)}, and none is proved to run since.`
}

/** What is born on the target and has to come back is one thing; what ways back have left there, settled, another. */
function debt({ debt: owed, leftBehind, orphans }: Report): string {
  const left = Object.values(leftBehind.recordsWhenRecorded).reduce((sum, one) => sum + one, 0)
  const lone = orphans.reduce((sum, one) => sum + one.records, 0)
  return [
    owed.length ? `What is born on the target from the waterline on, in ${partitions(owed)}.` : 'None by producers.',
    `Left behind on the source: ${left ? `${count(left, 'record')} when the waterline was recorded` : 'nothing counted'}.`,
    lone
      ? `On the target alone, left there by a way back and no debt any more: ${count(lone, 'record')} in ${partitions(orphans)}.`
      : 'No way back has left records on the target alone.',
  ].join(' ')
}

const partitions = (some: readonly ReportedRange[]) => count(some.length, 'range')

function alerts(state: State): string {
  const open = state.alerts.filter((alert) => !alert.closed)
  return open.length === 0
    ? 'None is open.'
    : `${count(open.length, 'alert')} open: ${listed(
        open.map((alert) => named(alert.title)),
        3,
      )}.`
}

const head = (state: State) =>
  `*Log* version ${state.version}, head \`${state.head.slice(0, 16) || 'none'}\`; verify checks it, report tells it whole, pack is for the night without the bot.`
