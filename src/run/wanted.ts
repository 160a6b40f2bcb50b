import { nextTime } from '../config/clock.js'
import { type Migration, ofFlow } from '../config/migration.js'
import { sayGate } from '../runbook/gate-words.js'
import type { Runbook } from '../runbook/language.js'
import type { Asker, PersonCommand } from './commands.js'
import { mayNotApprove } from './decide-person.js'
import type { At } from './events.js'
import { openQuestions, type Question } from './questions.js'
import { type Alert, currentStep, isOpen, numberOf, type Run, type State, type StepRun } from './state.js'
import { rollbackOf } from './undo.js'
import type { Ask, Mistake } from './words.js'

/** A command without its author: what the words ask for, made exact by the state they were said in. */
export type Wanted = WithoutAuthor<PersonCommand>
type WithoutAuthor<C> = C extends unknown ? Omit<C, keyof Asker> : never

/** Asks that change something, and so become a command. */
export type Act = Exclude<Ask, { ask: Look }>
export const isAct = (ask: Ask): ask is Act => !(looks as readonly string[]).includes(ask.ask)

/** Asks that change nothing. */
const looks = ['help', 'status', 'verify', 'lag', 'plan', 'brief', 'report', 'pack', 'ready'] as const
type Look = (typeof looks)[number]

const hourMs = 3_600_000

/** What a start needs besides the words. */
export interface Sources {
  readonly runbook: Runbook | null
  readonly migration: Migration
  readonly bot: string
  readonly asker: Asker
}

/** Which runbook must be loaded before the ask can become a command. */
export function runbookOf(ask: Act, state: State): string | null {
  if (ask.ask === 'cutover' || ask.ask === 'rehearse' || ask.ask === 'canary') return ask.runbook
  if (ask.ask === 'rollback') return ask.copy ? copyRunbook : rollbackOf(state)
  if (ask.ask === 'adopt') return 'adopt'
  return null
}

/** The runbook for a target that is sick: it copies back instead of draining. */
const copyRunbook = 'rollback-copy'

export function wantedOf(ask: Act, state: State, sources: Sources, now: number): Wanted | Mistake {
  const { bot, runbook } = sources
  const migration = ofFlow(sources.migration, 'main')!
  const step = isOpen(state.run) ? currentStep(state.run) : undefined
  const at: At | undefined = step && { run: state.run!.id, step: step.id, attempt: step.attempt }
  switch (ask.ask) {
    case 'cutover': {
      if (!runbook) return { mistake: `There is no runbook "${ask.runbook}".` }
      const notBefore = ask.inMs === null ? null : now + ask.inMs
      const until = windowEnd(migration, ask.until, notBefore ?? now)
      return { do: 'start', runbook, migration, bot, mode: 'real', notBefore, until }
    }
    case 'rehearse':
      return runbook
        ? { do: 'start', runbook, migration, bot, mode: 'rehearsal', notBefore: null }
        : { mistake: `There is no runbook "${ask.runbook}".` }
    case 'canary': {
      const narrowed = ofFlow(sources.migration, 'canary')
      if (!narrowed) return { mistake: 'migration.yaml names no canary: its own topics, apps and mirror.' }
      if (!runbook) return { mistake: `There is no runbook "${ask.runbook}".` }
      return { do: 'start', runbook, migration: narrowed, bot, mode: 'real', notBefore: null, flow: 'canary' }
    }
    case 'adopt':
      return runbook
        ? { do: 'start', runbook, migration, bot, mode: 'real', notBefore: null }
        : { mistake: 'There is no runbook "adopt".' }
    case 'waive':
      return { do: 'waive', app: ask.app, how: ask.how, reason: ask.reason }
    case 'rollback':
      if (isOpen(state.run)) {
        const reason = ask.reason || noReason
        const own = state.run.flow === 'main' ? migration : state.run.migration
        return { do: 'rollback', reason, runbook, migration: own, bot, ...(ask.copy && { copy: true }) }
      }
      return runbook
        ? {
            do: 'start',
            runbook,
            migration,
            bot,
            mode: 'real',
            notBefore: null,
            until: windowEnd(migration, null, now),
          }
        : { mistake: 'No run is open, and there is no runbook to roll back with.' }
    case 'abort':
      return { do: 'abort', reason: ask.reason || noReason }
    case 'approve': {
      const phase = step?.phase
      if (!at || (phase?.is !== 'asking' && phase?.is !== 'confirming'))
        return { mistake: 'No step asks for approval now.' }
      const code = phase.digest.slice(0, codeLength)
      if (!names(ask.step, state.run!, step!) || ask.code !== code)
        return { mistake: whatIsAsked(state.run!, step!, code, wrongIn(ask, state.run!, step!), sources.asker) }
      return { do: 'approve', ...at, nonce: phase.nonce, digest: phase.digest }
    }
    case 'resume':
      return { do: 'resume' }
    case 'close':
      return { do: 'close', reason: ask.reason }
    case 'retry':
      return at ? { do: 'retry', ...at } : noRun
    case 'skip':
      return at ? { do: 'skip', ...at, reason: ask.reason } : noRun
    case 'answer': {
      const [question] = step ? openQuestions(state.run!, step) : []
      if (!at || !question) return { mistake: 'No step asks a question now.' }
      return { do: 'answer', ...at, question: question.question, yes: ask.yes, ...saidOf(ask, question, state.run!) }
    }
    case 'audit': {
      const { topics } = migration
      if (ask.topic !== null && !topics.includes(ask.topic))
        return { mistake: `${ask.topic.slice(0, 80)} is not one of the topics of migration.yaml: ${some(topics)}.` }
      return { do: 'audit', topic: ask.topic }
    }
    case 'ack':
    case 'snooze': {
      const alert = alertMeant(state, ask.alert)
      if ('mistake' in alert) return alert
      return ask.ask === 'ack'
        ? { do: 'acknowledge', cause: alert.cause }
        : { do: 'snooze', cause: alert.cause, until: now + hourMs }
    }
  }
}

/** Enough of the digest that nothing else is meant by it; whoever types it has seen what it stands for. */
const codeLength = 6

/** By its id, or by the number that its message has. */
const names = (said: string | null, run: Run, step: StepRun): boolean =>
  said === step.id || said === String(numberOf(run, step))

function wrongIn({ step: said, code }: Extract<Act, { ask: 'approve' }>, run: Run, step: StepRun): readonly string[] {
  if (said === null) return []
  if (!names(said, run, step)) return [`It is not ${said.slice(0, 60)} that asks.`]
  if (code === null) return []
  return step.asked.some((digest) => digest.slice(0, codeLength) === code)
    ? ['What it asks has changed since it was shown.']
    : [`There is no code ${code.slice(0, 60)}: it was never shown for this step.`]
}

/** Nobody approves unseen: without the code of exactly this the answer is what it would do, and what that rests on. */
function whatIsAsked(run: Run, step: StepRun, code: string, wrong: readonly string[], asker: Asker): string {
  const refusal = mayNotApprove(run, step, asker)
  const lines = [
    ...wrong,
    `Step ${numberOf(run, step)} of ${run.runbook.steps.length} asks: ${step.step.title}.${run.mode === 'rehearsal' ? ' This is a rehearsal: nothing will be changed.' : ''}`,
    ...step.effects.map(({ effect }) => `- ${effect.text}`),
    ...step.think.map((look) => `- ${look.verdict}: ${look.text} (${look.gate})`),
    ...(step.undoOf ? step.step.check.map((call) => `- proved afterwards: ${sayGate(call)}`) : []),
    ...(refusal ? [`You cannot approve it. ${refusal.refused}`] : []),
    `To approve exactly this${refusal ? ', others type' : ''}: approve ${step.id} ${code}`,
  ]
  return lines.join('\n')
}

function windowEnd({ window }: Migration, said: string | null, after: number): number | null {
  const time = said ?? window?.until
  return time === undefined ? null : nextTime(time, window?.zone ?? 'UTC', after)
}

/** `answer no checkout it is slow`: the first word is an app where each app's owner is asked. */
function saidOf({ said }: Extract<Act, { ask: 'answer' }>, { eachApp }: Question, run: Run) {
  const [first = '', ...rest] = said.split(/\s+/)
  const isApp = eachApp && run.migration.apps.some((app) => app.name === first)
  return isApp ? { app: first, reason: rest.join(' ') } : { app: null, reason: said }
}

const some = (topics: readonly string[]) =>
  topics.length > 10 ? `${topics.slice(0, 10).join(', ')} and ${topics.length - 10} more` : topics.join(', ')

const noReason = 'no reason given'
const noRun: Mistake = { mistake: 'No run is open.' }

function alertMeant(state: State, said: string | null): Alert | Mistake {
  const open = state.alerts.filter((alert) => !alert.closed)
  const names = open.map((alert) => alert.cause).join(', ')
  if (open.length === 0) return { mistake: 'No alert is open.' }
  if (said)
    return (
      open.find((alert) => alert.cause === said || alert.id === said) ?? {
        mistake: `No open alert is "${said.slice(0, 80)}". Open: ${names}.`,
      }
    )
  return open.length === 1 ? open[0]! : { mistake: `Which alert? ${names}.` }
}
