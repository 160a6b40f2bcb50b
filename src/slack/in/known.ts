import type { PersonCommand } from '../../run/commands.js'
import { decide } from '../../run/decide.js'
import { openQuestions } from '../../run/questions.js'
import { currentStep, isOpen, type Run, type State } from '../../run/state.js'
import { seenByGates } from '../../run/waivers.js'
import { answersFor } from '../../runbook/owners.js'
import type { Click } from '../click.js'
import { rollbackCost } from '../messages/cost.js'
import { stillDown } from '../messages/stopped.js'
import { type ReasonClick, wantedByClick } from './asked.js'
import { askerOf, type HearingDeps, type SlackUser } from './submit.js'

/** What a dialog can say once the log was read, which takes longer than its trigger lives. */
export interface Known {
  /** Why whatever is entered would be refused; null: it would not, as far as that can be told. */
  readonly refused: string | null
  /** What comes of it here, as mrkdwn; may be empty. */
  readonly besides: string
  /** The apps that this person may name. */
  readonly apps: readonly string[]
}

/** Refusals that no reason changes. */
const forGood: readonly string[] = ['not-in-role', 'stale', 'no-run', 'already']

export async function knownOf(deps: HearingDeps, user: SlackUser, name: ReasonClick, click: Click): Promise<Known> {
  const [{ state, now }, { roles, unreadable }] = await Promise.all([deps.log.load(), deps.roles.of(user.id)])
  const none = { besides: '', apps: [] }
  const asker = askerOf(deps, user, roles)
  const sources = { runbook: null, migration: deps.migration, bot: deps.bot, asker }
  const wanted = wantedByClick(name, click, state, sources, { app: null, reason: 'some reason' }, now)
  if ('mistake' in wanted) return { ...none, refused: wanted.mistake }
  const found = decide(state, { ...asker, ...wanted } as PersonCommand, now)
  if ('refused' in found && forGood.includes(found.code))
    return { ...none, refused: [found.refused, ...(found.code === 'not-in-role' ? unreadable : [])].join(' ') }
  const { run } = state
  if (!isOpen(run)) return { ...none, refused: null }
  const asked = openQuestions(run, currentStep(run)).find(({ question }) => question === click.question)
  return {
    refused: null,
    besides: besides(name, state, run),
    apps: name === 'no-app' && asked ? answersFor(seenByGates(run), asked.role, user.id, roles) : [],
  }
}

function besides(name: ReasonClick, state: State, run: Run): string {
  if (name === 'close') return stillDown(run)
  return name === 'rollback' && run.mode === 'real' ? ` ${rollbackCost(state, run)}` : ''
}
