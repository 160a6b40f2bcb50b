import { closest, distance } from 'fastest-levenshtein'
import { timeOfDay } from '../config/clock.js'
import { durationMs } from '../config/duration.js'
import type { Migration } from '../config/migration.js'
import { openQuestions } from './questions.js'
import { currentStep, isOpen, type State } from './state.js'
import { nothingToRollBack } from './undo.js'
import type { WaiverWay } from './waivers.js'

/** What a line of words asks for; nothing is decided or looked up yet. */
export type Ask =
  | { readonly ask: 'help' | 'status' | 'verify' | 'brief' | 'pack' | 'ready' }
  | { readonly ask: 'report'; readonly run: string | null; readonly form: 'markdown' | 'json' }
  | { readonly ask: 'resume' | 'retry' | 'adopt' }
  | { readonly ask: 'approve'; readonly step: string | null; readonly code: string | null }
  | { readonly ask: 'cutover'; readonly runbook: string; readonly inMs: number | null; readonly until: string | null }
  | { readonly ask: 'rehearse' | 'canary'; readonly runbook: string }
  | { readonly ask: 'waive'; readonly how: WaiverWay; readonly app: string; readonly reason: string }
  | { readonly ask: 'plan'; readonly runbook: string }
  | { readonly ask: 'rollback'; readonly reason: string; readonly copy?: true }
  | { readonly ask: 'abort' | 'skip' | 'close'; readonly reason: string }
  | { readonly ask: 'lag'; readonly group: string | null }
  | { readonly ask: 'audit'; readonly topic: string | null }
  | { readonly ask: 'answer'; readonly yes: boolean; readonly said: string }
  | { readonly ask: 'ack' | 'snooze'; readonly alert: string | null }

/** A sentence for the person who typed it: what was read, and what would be right. */
export interface Mistake {
  readonly mistake: string
}

/** One command, the same in Slack and on the command line. */
export interface Word {
  readonly name: string
  readonly usage: string
  readonly help: string
  readonly parse: (args: string) => Ask | Mistake
  /** Whether it would do something now. */
  readonly possible: (state: State, migration: Pick<Migration, 'canary'>) => boolean
}

const always = () => true
const open = (state: State) => isOpen(state.run)
const phaseIs =
  (...phases: readonly string[]) =>
  (state: State) =>
    open(state) && phases.includes(currentStep(state.run!)?.phase.is ?? '')
const alerting = (state: State) => state.alerts.some((alert) => !alert.closed)
const needsReason =
  (ask: 'skip' | 'close') =>
  (reason: string): Ask | Mistake =>
    reason ? { ask, reason } : { mistake: `${ask} needs a reason, which is kept in the log: ${ask} REASON` }
const alone =
  (ask: 'help' | 'status' | 'verify' | 'brief' | 'pack' | 'ready' | 'adopt' | 'resume' | 'retry') =>
  (args: string): Ask | Mistake =>
    args === '' ? { ask } : { mistake: `${ask} stands alone; "${args}" was not understood.` }

/** The one table of commands. Whatever a button does, a command here does too. */
export const words: readonly Word[] = [
  { name: 'help', usage: 'help', help: 'say what is possible now', parse: alone('help'), possible: always },
  { name: 'status', usage: 'status', help: 'show the run as the board does', parse: alone('status'), possible: always },
  {
    name: 'cutover',
    usage: 'cutover [RUNBOOK] [in DURATION] [until HH:MM]',
    help: 'start a cut-over or whichever runbook is named, now or armed for later; each step is approved on its own',
    parse: cutover,
    possible: (state) => !open(state),
  },
  {
    name: 'rehearse',
    usage: 'rehearse [RUNBOOK]',
    help: 'go through a runbook with all its approvals; nothing is changed',
    parse: (args) => oneName('rehearse', args || 'cutover'),
    possible: (state) => !open(state),
  },
  {
    name: 'canary',
    usage: 'canary [RUNBOOK]',
    help: 'take the canary flow of migration.yaml, and nothing else, through a runbook for real',
    parse: (args) => oneName('canary', args || 'cutover'),
    possible: (state, { canary }) => !open(state) && canary !== undefined,
  },
  {
    name: 'rollback',
    usage: 'rollback [copy] [REASON]',
    help: 'undo what was done, or from the pivot on run the rollback runbook; copy: where the target cannot drain',
    parse: rollback,
    possible: (state) => open(state) || !nothingToRollBack(state, 'main'),
  },
  {
    name: 'lag',
    usage: 'lag [GROUP]',
    help: 'show the lag of each group, in offsets',
    parse: (group) => ({ ask: 'lag', group: group || null }),
    possible: always,
  },
  {
    name: 'abort',
    usage: 'abort [REASON]',
    help: 'stop before the next change',
    parse: (reason) => ({ ask: 'abort', reason }),
    possible: (state) => state.run?.phase.is === 'open',
  },
  {
    name: 'approve',
    usage: 'approve STEP CODE',
    help: 'approve exactly what was shown, by the name or number of the step; without: what it would do, on which evidence, and its code',
    parse: (args) => {
      const [step = null, code = null] = args.split(/\s+/).filter(Boolean)
      return { ask: 'approve', step, code }
    },
    possible: phaseIs('asking'),
  },
  {
    name: 'resume',
    usage: 'resume',
    help: 'go on with a stopped or held run',
    parse: alone('resume'),
    possible: (state) => open(state) && (state.run?.phase.is === 'stopped' || state.run?.held !== null),
  },
  {
    name: 'retry',
    usage: 'retry',
    help: 'try the failed step again',
    parse: alone('retry'),
    possible: phaseIs('failed'),
  },
  {
    name: 'skip',
    usage: 'skip REASON',
    help: 'leave the failed step out, if its runbook lets your role',
    parse: needsReason('skip'),
    possible: (state) => phaseIs('failed')(state) && currentStep(state.run!)?.step.skip !== null,
  },
  {
    name: 'close',
    usage: 'close REASON',
    help: 'end a stopped run where it stands, or call an armed one off',
    parse: needsReason('close'),
    possible: (state) => open(state) && (state.run?.phase.is === 'stopped' || phaseIs('failed', 'waiting')(state)),
  },
  {
    name: 'answer',
    usage: 'answer yes|no [APP] [REASON]',
    help: 'answer the question that the step asks; an owner for all own apps, or for the one that is named',
    parse: yesOrNo,
    possible: (state) => open(state) && openQuestions(state.run!, currentStep(state.run!)).length > 0,
  },
  {
    name: 'exclude',
    usage: 'exclude APP REASON',
    help: 'leave one stuck app out of the run: it is not touched and not looked at, and what it still writes may meet a fence',
    parse: (args) => waive('exclude', args),
    possible: open,
  },
  {
    name: 'force',
    usage: 'force APP REASON',
    help: 'do not wait for the gate of one stuck app; what it had not read is left to be proved',
    parse: (args) => waive('force', args),
    possible: open,
  },
  {
    name: 'word',
    usage: 'word APP REASON',
    help: 'give your word, as its owner, for what cannot be measured on one app: no gate looks at it, and a fence does not wait for it',
    parse: (args) => waive('word', args),
    possible: open,
  },
  {
    name: 'ack',
    usage: 'ack [ALERT]',
    help: 'say that you take care of an alert',
    parse: (alert) => ({ ask: 'ack', alert: alert || null }),
    possible: alerting,
  },
  {
    name: 'snooze',
    usage: 'snooze [ALERT]',
    help: 'keep an alert quiet for an hour',
    parse: (alert) => ({ ask: 'snooze', alert: alert || null }),
    possible: alerting,
  },
  {
    name: 'plan',
    usage: 'plan RUNBOOK',
    help: 'say what a runbook would do now; nothing is changed',
    parse: (args) => (args ? oneName('plan', args) : { mistake: 'plan needs the name of a runbook: plan cutover' }),
    possible: always,
  },
  {
    name: 'audit',
    usage: 'audit [TOPIC]',
    help: 'compare every record of both clusters in the background; nothing is changed, and what differs is named in the channel',
    parse: (topic) => ({ ask: 'audit', topic: topic || null }),
    possible: always,
  },
  {
    name: 'ready',
    usage: 'ready',
    help: 'measure all that prepare looks at, and show what differs; nothing is changed',
    parse: alone('ready'),
    possible: always,
  },
  {
    name: 'brief',
    usage: 'brief',
    help: 'say in ten lines what whoever takes over has to know',
    parse: alone('brief'),
    possible: always,
  },
  {
    name: 'report',
    usage: 'report [RUN] [json]',
    help: 'give what happened in a run: who approved what on which evidence, ranges, downtime, timeline',
    parse: report,
    possible: (state) => state.run !== null,
  },
  {
    name: 'pack',
    usage: 'pack',
    help: 'give what finishing or undoing the night by hand takes, as it stands now',
    parse: alone('pack'),
    possible: always,
  },
  {
    name: 'adopt',
    usage: 'adopt',
    help: 'only after Redis was lost: take over what the ConfigMaps remember',
    parse: alone('adopt'),
    // A log cannot know of another that was lost: verify names it, and asks for this.
    possible: () => false,
  },
  {
    name: 'verify',
    usage: 'verify',
    help: 'check that no line of the log was changed, moved or lost',
    parse: alone('verify'),
    possible: always,
  },
]

/** Reads one line as typed; a mistyped word is answered with the nearest. */
export function parseWords(line: string): Ask | Mistake {
  const [first = '', ...rest] = line.trim().split(/\s+/)
  if (first === '') return { ask: 'help' }
  const name = first.toLowerCase()
  const word = words.find((one) => one.name === name)
  if (word) return word.parse(rest.join(' '))
  if (name === 'start')
    return {
      mistake:
        'There is no command "start": cutover RUNBOOK starts a run of any runbook, rehearse RUNBOOK one that changes nothing.',
    }
  const nearest = closest(
    name,
    words.map((one) => one.name),
  )
  const guess = distance(name, nearest) <= 3 ? ` Did you mean ${nearest}?` : ''
  return { mistake: `There is no command "${first.slice(0, 40)}".${guess} "help" names them all.` }
}

/** The lines of help: first what would do something now, then all the rest. */
export function helpLines(
  state: State,
  migration: Pick<Migration, 'canary'>,
): { readonly now: readonly string[]; readonly later: readonly string[] } {
  const line = (word: Word) => `${word.usage}: ${word.help}`
  return {
    now: words.filter((word) => word.possible(state, migration)).map(line),
    later: words.filter((word) => !word.possible(state, migration)).map(line),
  }
}

function cutover(args: string): Ask | Mistake {
  const [, name = '', when, until] = /^(.*?)\s*(?:\bin\s+(\S+))?\s*(?:\buntil\s+(\S+))?$/.exec(args.trim()) ?? []
  const named = oneName('rehearse', name || 'cutover')
  if ('mistake' in named) return named
  const inMs = when === undefined ? null : durationMs.safeParse(when).data
  if (inMs === undefined) return { mistake: `"${when?.slice(0, 40)}" is no duration: 45m, 2h or 1h30m.` }
  if (until !== undefined && !timeOfDay.safeParse(until).success)
    return { mistake: `"${until.slice(0, 40)}" is no time of day: 03:40.` }
  return { ask: 'cutover', runbook: name || 'cutover', inMs, until: until ?? null }
}

function rollback(text: string): Ask {
  const [, copy, reason = ''] = /^(copy\b)?\s*(.*)$/is.exec(text) ?? []
  return copy ? { ask: 'rollback', reason, copy: true } : { ask: 'rollback', reason: text }
}

function waive(how: WaiverWay, args: string): Ask | Mistake {
  const [, app, reason] = /^(\S+)\s+(.+)$/s.exec(args.trim()) ?? []
  return app && reason
    ? { ask: 'waive', how, app, reason }
    : { mistake: `${how} needs an app and a reason, which is kept in the log: ${how} APP REASON` }
}

function oneName(ask: 'rehearse' | 'canary' | 'plan', name: string): Ask | Mistake {
  return /^[a-z0-9-]{1,60}$/.test(name)
    ? { ask, runbook: name }
    : { mistake: `"${name.slice(0, 60)}" is no name of a runbook: lower case letters, digits and -.` }
}

function report(args: string): Ask | Mistake {
  const given = args.split(/\s+/).filter(Boolean)
  const json = given.at(-1)?.toLowerCase() === 'json'
  const [run, ...more] = json ? given.slice(0, -1) : given
  return more.length
    ? { mistake: `"${args.slice(0, 60)}" was not understood: report [RUN] [json]` }
    : { ask: 'report', run: run ?? null, form: json ? 'json' : 'markdown' }
}

function yesOrNo(args: string): Ask | Mistake {
  const [, answer = '', said = ''] = /^(\S+)\s*(.*)$/s.exec(args.trim()) ?? []
  if (['yes', 'y', 'no', 'n'].includes(answer.toLowerCase()))
    return { ask: 'answer', yes: answer.toLowerCase().startsWith('y'), said }
  return { mistake: 'answer needs yes or no: answer yes' }
}
