import type { Migration } from '../../config/migration.js'
import { NotRecorded } from '../../log/errors.js'
import type { Seen } from '../../log/submit.js'
import type { Asker, PersonCommand, Refusal } from '../../run/commands.js'
import type { Person } from '../../run/events.js'
import { isOpen, type State } from '../../run/state.js'
import type { Sources, Wanted } from '../../run/wanted.js'
import type { Mistake } from '../../run/words.js'
import type { Runbook } from '../../runbook/language.js'
import { dayAndClock, listed, named } from '../messages/say.js'
import { turnedBack } from '../messages/turned-back.js'
import type { Roles } from '../roles.js'

/** What the people's side of Slack may do: ask the log, and read. */
export interface HearingDeps {
  readonly log: {
    load(): Promise<Seen>
    submit(command: PersonCommand, seen: Seen): Promise<{ readonly state: State } | Refusal>
  }
  readonly roles: Roles
  /** A runbook by its name, as it is on disk now; throws with a sentence when there is none or it has mistakes. */
  readonly runbook: (name: string) => Promise<Runbook>
  readonly migration: Migration
  /** The bot's version. */
  readonly bot: string
}

/** What came of it, for the person who asked. */
export interface Heard {
  readonly is: 'recorded' | 'refused' | 'not-recorded'
  readonly text: string
}

export interface SlackUser {
  readonly id: string
  readonly name: string
}

/** Loads what is needed, makes the command exact, submits it, and says what came of it. Never throws. */
export async function hear(
  deps: HearingDeps,
  user: SlackUser,
  runbookOf: (state: State) => string | null,
  make: (state: State, sources: Sources, now: number) => Wanted | Mistake,
): Promise<Heard> {
  try {
    const [seen, membership] = await Promise.all([deps.log.load(), deps.roles.of(user.id)])
    const { state, now } = seen
    const name = runbookOf(state)
    const runbook = name ? await deps.runbook(name) : null
    const asker = askerOf(deps, user, membership.roles)
    const wanted = make(state, { runbook, migration: deps.migration, bot: deps.bot, asker }, now)
    if ('mistake' in wanted) return { is: 'refused', text: wanted.mistake }
    const answer = await deps.log.submit({ ...asker, ...wanted } as PersonCommand, seen)
    if ('refused' in answer) {
      const why = answer.code === 'not-in-role' ? membership.unreadable : []
      return { is: 'refused', text: [answer.refused, ...why].join(' ') }
    }
    return { is: 'recorded', text: recorded(wanted, answer.state, deps.migration) }
  } catch (error) {
    if (error instanceof NotRecorded)
      return { is: 'not-recorded', text: 'Not recorded: the log does not answer. Please try again.' }
    return { is: 'refused', text: error instanceof Error ? error.message : 'It failed, and nothing was recorded.' }
  }
}

export const askerOf = (
  { migration }: Pick<HearingDeps, 'migration'>,
  user: SlackUser,
  roles: readonly string[],
): Asker => ({ by: personOf(migration, user), roles })

function personOf(migration: Migration, { id, name }: SlackUser): Person {
  const known = migration.people.find((person) => person.slack === id)
  return { kind: 'person', id, name: known?.name ?? name, via: 'slack' }
}

/** Of which apps the newest answer speaks. */
function forApps({ run }: State): string {
  const apps = run?.steps.flatMap((step) => step.answers).reduce((a, b) => (b.at >= a.at ? b : a)).apps
  return apps ? ` for ${listed(apps.map(named), 20)}` : ''
}

function recorded(wanted: Wanted, state: State, { channel }: Migration): string {
  const run = named(state.run?.id ?? '')
  switch (wanted.do) {
    case 'start':
      if (wanted.notBefore !== null)
        return `Recorded: run ${run} is armed, and begins ${dayAndClock(wanted.notBefore)}. Its board in <#${channel}> calls it off by one click.`
      return `Recorded: run ${run} has begun. Its board is in <#${channel}>, and each of its steps is asked there.`
    case 'approve':
      return 'Your approval is recorded.'
    case 'abort':
      return `Recorded: run ${run} stops before its next change.`
    case 'resume':
      return `Recorded: run ${run} goes on.`
    case 'close':
      return `Recorded: run ${run} is closed.`
    case 'retry':
      return `Recorded: ${named(wanted.step)} is tried again.`
    case 'skip':
      return `Recorded: ${named(wanted.step)} is skipped.`
    case 'answer':
      return `Your answer is recorded: ${wanted.yes ? 'yes' : 'no'}${forApps(state)}.`
    case 'rollback':
      return `Recorded. ${turnedBack(state)}${isOpen(state.run) ? ` Each step is asked in <#${channel}>.` : ''}`
    case 'waive':
      return `Recorded for ${named(wanted.app)}: ${{ exclude: 'it is left out of the run', force: 'its gate is not waited for', word: 'your word stands for what cannot be measured' }[wanted.how]}.`
    case 'audit':
      return `Recorded: ${wanted.topic === null ? 'all topics are' : `${named(wanted.topic)} is`} audited in the background; what is found is posted in <#${channel}>.`
    case 'acknowledge':
      return 'Recorded: you take care of it.'
    case 'snooze':
      return 'Recorded: quiet for an hour.'
  }
}
