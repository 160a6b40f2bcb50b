import { sayDuration } from '../../config/duration.js'
import { downtimeOf } from '../../run/downtime.js'
import { type Question, questionsOf } from '../../run/questions.js'
import { isRolledBack, numberOf, type Run, type State, type StepRun } from '../../run/state.js'
import { context, header, section } from './blocks.js'
import { producersNow, waterline } from './cost.js'
import { effectsOf } from './effects.js'
import { reportFiles } from './files.js'
import type { Message } from './message.js'
import { confirmedOf } from './owners.js'
import { approvedBy } from './people.js'
import { bullets, clipped, clock, count, dayAndClock, escaped, listed, named, sentence } from './say.js'

/** The last message of a run: what was done, by whose word, and where the log stands. */
export function reportMessage(state: State, run: Run): Message | null {
  if (run.phase.is !== 'finished' && run.phase.is !== 'closed') return null
  const { at } = run.phase
  const planned = run.steps.filter((step) => !step.undoOf)
  const passed = planned.filter((step) => step.phase.is === 'passed').length
  const undone = planned.filter((step) => step.phase.is === 'undone').length
  const changes = run.steps.reduce(
    (sum, step) => sum + step.effects.filter((effect) => effect.status.is === 'done').length,
    0,
  )
  const rehearsal = run.mode === 'rehearsal'
  const would = run.steps.reduce((sum, step) => sum + effectsOf(step).length, 0)
  const rolledBack = isRolledBack(run)
  const how = rolledBack
    ? 'was rolled back'
    : run.phase.is === 'finished'
      ? 'finished'
      : `was closed by ${named(run.phase.by.name)}`
  const of = count(run.runbook.steps.length, 'step')
  const result = rehearsal
    ? `${passed} of ${of} rehearsed, ${count(would, 'change')} would be made; nothing was changed`
    : rolledBack
      ? `${count(undone, 'step')} undone, ${count(changes, 'change')} made on both ways`
      : `${passed} of ${of} passed${undone ? `, ${undone} undone` : ''}, ${count(changes, 'change')} made`
  const took = sayDuration(at - run.startedAt)
  const skipped = run.steps.flatMap((step) =>
    step.phase.is === 'skipped'
      ? [`Step ${numberOf(run, step)} was skipped by ${named(step.phase.by.name)}: ${named(step.phase.reason)}`]
      : [],
  )
  const approvals = approvedInLine(run)
  return {
    key: `report/${run.id}`,
    files: reportFiles(run),
    text: `${rehearsal ? 'The rehearsal' : 'Run'} ${run.id} ${how} after ${took}: ${result}. Producers ${producersNow(state, run)}.`,
    blocks: [
      header(`Report of ${run.id}${rehearsal ? ', a rehearsal' : ''}${rolledBack ? ', rolled back' : ''}`),
      section(
        [
          `${rehearsal ? '*Rehearsal:* ' : ''}*${named(run.runbook.title)}* ${how} at ${clock(at)} after ${took}: ${result}.`,
          `*Producers* ${producersNow(state, run)}.${stoodStill(run)}`,
          `*Waterline.* ${waterline(state, run)}${recorded(run)}`,
          ...ownersWord(run),
          ...(approvals.length ? [`*Approved by* ${listed(approvals, 20)}.`] : []),
          ...(run.phase.is === 'closed' ? [`*Reason.* ${named(run.phase.reason)}`] : []),
        ].join('\n'),
      ),
      ...(skipped.length ? [section(`*Skipped*\n${bullets(skipped)}`)] : []),
      context(
        `Asked for by ${named(run.requestedBy.name)} · started ${dayAndClock(run.startedAt)} · runbook digest \`${run.runbook.digest.slice(0, 16)}\` · bot ${named(run.bot)}`,
      ),
    ],
  }
}

/** As the log has it: from the last stop until the step that started them was proved. */
function stoodStill(run: Run): string {
  if (run.mode === 'rehearsal') return ''
  const ms = downtimeOf(run)?.ms ?? null
  return ms === null ? '' : ` They stood still for ${sayDuration(ms)}, until they were proved to run again.`
}

/** What the gate said that recorded the waterline in this run: how many records stayed behind, too. */
function recorded({ steps }: Run): string {
  const look = steps.flatMap(({ check }) => check).find((one) => one.gate === 'waterline' && one.verdict === 'passed')
  return look ? ` ${sentence(clipped(escaped(look.text), 800))}` : ''
}

/** What people answered: each app's owner, or somebody of a role. */
function ownersWord(run: Run): readonly string[] {
  if (run.mode === 'rehearsal')
    return run.steps.some((step) => questionsOf(step).length)
      ? ['*The owners’ word* is not asked for in a rehearsal.']
      : []
  return run.steps.flatMap((step) =>
    step.startedAt === null ? [] : questionsOf(step).map((one) => answered(run, step, one)),
  )
}

function answered(run: Run, step: StepRun, asked: Question): string {
  const question = escaped(asked.question)
  if (asked.eachApp) return `*The owners’ word.* ${question} ${confirmedOf(run, step, asked)}.`
  const last = step.answers.findLast((one) => one.question === asked.question)
  return `*The word of ${named(asked.role)}.* ${question} ${last ? `${last.yes ? 'Yes' : 'No'}, by ${named(last.by.name)}` : 'Nobody has answered'}.`
}

/** `Bob (steps 1 to 8)`: whoever approved the same stands together. */
function approvedInLine(run: Run): readonly string[] {
  const byWhom = new Map<string, { done: number[]; undone: number[] }>()
  for (const step of run.steps) {
    if (!step.approvals.length) continue
    const who = approvedBy(step)
    const { done, undone } = byWhom.get(who) ?? { done: [], undone: [] }
    ;(step.undoOf ? undone : done).push(numberOf(run, step))
    byWhom.set(who, { done, undone })
  }
  return [...byWhom].map(([who, { done, undone }]) => {
    const what = [
      ...(done.length ? [`${done.length > 1 ? 'steps' : 'step'} ${ranges(done)}`] : []),
      ...(undone.length ? [`undo of ${ranges([...undone].reverse())}`] : []),
    ]
    return `${who} (${what.join('; ')})`
  })
}

/** `1 to 4, 6`, of numbers that rise. */
function ranges(numbers: readonly number[]): string {
  const found: [number, number][] = []
  for (const n of numbers) {
    const last = found.at(-1)
    if (last && n === last[1] + 1) last[1] = n
    else found.push([n, n])
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`)).join(', ')
}
