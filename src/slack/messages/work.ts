import type { LagNow, Live } from '../../run/live.js'
import { openQuestions, type Question } from '../../run/questions.js'
import type { Run, StepRun } from '../../run/state.js'
import { actions, button, context, section } from './blocks.js'
import { doneOf, effectCount, effectsOf, oneAppAlone, sayEffect, troubleLines } from './effects.js'
import { gateCount, gateLines, newestLooks } from './gates.js'
import { groupsOf, stepGraph } from './graphs.js'
import type { Block } from './message.js'
import { confirmedOf, ownersBlocks } from './owners.js'
import { approvedBy, whoIs } from './people.js'
import { bullets, clock, count, escaped, named } from './say.js'

export function workText(run: Run, step: StepRun, live: Live | null): string {
  const effects = effectsOf(step)
  if (step.phase.is === 'acting') return `${doneOf(effects)} of ${count(effects.length, 'change')} done.`
  const question = openQuestions(run, step)[0]
  if (question) return `${askedOf(run, step, question)}: ${escaped(question.question)}`
  return `${effects.length ? `${count(effects.length, 'change')} done; ` : ''}it is being proved: ${gateCount(newestLooks(step, 'check', live), step.step.check.length)}.`
}

/** Progress while the step acts and while it is proved. */
export function workBlocks(run: Run, step: StepRun, live: Live | null, lag: LagNow | null): readonly Block[] {
  const { phase } = step
  if (phase.is !== 'acting' && phase.is !== 'checking') return []
  const looks = newestLooks(step, 'check', live)
  return [
    section(
      phase.is === 'acting'
        ? doing(step, live)
        : `*Proving it* since ${clock(phase.since)}: ${gateCount(looks, step.step.check.length)}. The step passes when all hold.`,
    ),
    ...(phase.is === 'checking' && looks.length ? [section(gateLines(looks), 2900)] : []),
    ...questionBlocks(run, step),
    ...stepGraph(run, step),
    ...lagLine(run, step, lag),
    ...(step.approvals.length ? [context(`Approved by ${approvedBy(step)}.`)] : []),
    actions(button('abort', 'Abort', `Stop ${run.id} before its next change`, { run: run.id }, 'danger')),
  ]
}

function doing(step: StepRun, live: Live | null): string {
  const effects = effectsOf(step)
  const claimed = effects.filter((effect) => effect.status.is === 'claimed').map(({ effect }) => sayEffect(effect))
  const trouble = troubleLines(effects)
  const waits =
    live && live.step === step.id && live.attempt === step.attempt && live.phase === 'effects' ? live.gates : []
  return [
    `*${doneOf(effects)} of ${effectCount(effects)} done.*`,
    ...(claimed.length ? [`In hand:\n${bullets(claimed, 5)}`] : []),
    ...(waits.length ? [`Waits for:\n${gateLines(waits, 5)}`] : []),
    ...(trouble ? [`Went wrong, and is tried again:\n${trouble}`, ...oneAppAlone(effects)] : []),
  ].join('\n')
}

const askedOf = (run: Run, step: StepRun, question: Question) =>
  question.eachApp
    ? `A question for the owner of each app (${confirmedOf(run, step, question)})`
    : `A question for the role ${named(question.role)}`

function questionBlocks(run: Run, step: StepRun): readonly Block[] {
  return openQuestions(run, step)
    .slice(0, 3)
    .flatMap((asked): readonly Block[] => {
      if (asked.eachApp) return ownersBlocks(run, step, asked)
      const { question, role } = asked
      const click = { run: run.id, step: step.id, attempt: step.attempt, question }
      const no = step.answers.filter((answer) => answer.question === question && !answer.yes)
      return [
        section(
          `*${escaped(question)}* For ${whoIs(run, role)} (${named(role)}). Until someone answers yes, the step does not pass; a no ends it.${no.length ? ` ${named(no.at(-1)!.by.name)} answered no.` : ''}`,
        ),
        actions(
          button('yes', 'Yes', `Yes: ${question}`, click, 'primary'),
          button('no', 'No', `No: ${question}`, click),
        ),
      ]
    })
}

function lagLine(run: Run, step: StepRun, lag: LagNow | null): readonly Block[] {
  if (!lag || stepGraph(run, step).length === 0) return []
  const known = new Set(groupsOf(run))
  const behind = lag.groups
    .filter(({ group, records }) => known.has(group) && records > 0)
    .sort((a, b) => b.records - a.records)
  if (behind.length === 0) return [context('No group has a record left to read.')]
  const total = behind.reduce((sum, { records }) => sum + records, 0)
  const worst = behind.slice(0, 5).map(({ group, records }) => `${named(group)} ${records.toLocaleString('en')}`)
  return [
    context(
      `Lag: ${count(total, 'offset')} in ${count(behind.length, 'group')}, markers included; most: ${worst.join(', ')}.`,
    ),
  ]
}
