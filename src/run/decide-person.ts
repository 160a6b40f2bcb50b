import type { Flow } from '../config/migration.js'
import { answersFor, owns } from '../runbook/owners.js'
import { beginAudit } from './audits.js'
import type { Asker, PersonCommand, Refusal } from './commands.js'
import { producersDown } from './downtime.js'
import type { Event } from './events.js'
import { openQuestions } from './questions.js'
import {
  currentStep,
  hasBegun,
  inFlow,
  inHand,
  isOpen,
  pastPivot,
  type Run,
  type State,
  type StepRun,
} from './state.js'
import { at, atNext, checking, following, refuse, resumeFirst, stale, where } from './transitions.js'
import {
  adoptRunbook,
  changedClusters,
  cutsOver,
  goesBackAtOnce,
  nothingToRollBack,
  rollbackOf,
  rollbackPolicy,
  undoable,
} from './undo.js'
import { seenByGates } from './waivers.js'

/** What a person may do, and when. */
export function decidePerson(state: State, command: PersonCommand, now: number): readonly Event[] | Refusal {
  const { run } = state
  switch (command.do) {
    case 'start':
      if (!command.roles.length)
        return refuse(
          'not-in-role',
          `Only people of a role in migration.yaml may start a run (${Object.keys(command.migration.roles).join(', ')}).`,
        )
      if (isOpen(run))
        return refuse(
          'run-open',
          `${run.id} is open: ${run.requestedBy.name} asked for it. ${hasBegun(run) ? 'End it with /migrate abort and /migrate close REASON' : 'Call it off with /migrate close REASON'}, or let it finish.`,
        )
      // A log that was shortened has changed something too, and knows less of it than what was kept.
      if (command.runbook.name === adoptRunbook && !command.lost) {
        const knows = newestThatChanged(state)
        if (knows)
          return refuse(
            'not-now',
            `Nothing was lost: this log holds run ${knows} and what it changed. adopt is for the night on which Redis was lost.`,
          )
      }
      if (cutsOver(command.runbook) && inFlow(state, command.flow ?? 'main').activeSide === 'target')
        return refuse('not-now', onTargetAlready(state, command.flow ?? 'main'))
      if (command.runbook.name === rollbackOf(state) && nothingToRollBack(state, command.flow ?? 'main'))
        return refuse(
          'not-now',
          'Producers run on the source, and no run has left anything changed: there is nothing to roll back.',
        )
      if (command.flow === 'canary' && inFlow(state, 'main').activeSide === 'target')
        return refuse('not-now', 'Everything else is on the target already: a canary goes before it.')
      return [started(state, command)]
    case 'audit':
      return beginAudit(state, command)
    case 'acknowledge':
    case 'snooze': {
      const alert = state.alerts.find((one) => one.cause === command.cause && !one.closed)
      if (!alert) return refuse('stale', 'This alert is closed already.')
      if (!command.roles.length)
        return refuse('not-in-role', 'Only people of a role in migration.yaml may answer an alert.')
      return [
        command.do === 'snooze'
          ? { type: 'alert-snoozed', cause: command.cause, until: command.until }
          : { type: 'alert-acknowledged', cause: command.cause },
      ]
    }
  }
  if (!isOpen(run)) return refuse('no-run', 'No run is open. /migrate cutover starts one.')
  switch (command.do) {
    case 'approve':
      return approve(run, command, now)
    case 'abort':
      return abort(run, command)
    case 'resume':
      return resume(run, command)
    case 'close':
      if (run.phase.is !== 'stopped' && !failed(run) && hasBegun(run))
        return refuse('not-now', `${run.id} is going on. Abort it first.`)
      return needs(run, command) ?? [{ type: 'run-closed', run: run.id, reason: command.reason }]
    case 'retry': {
      const step = at(run, command)
      if (step?.phase.is !== 'failed') return stale(run)
      if (run.phase.is === 'stopped') return resumeFirst(run)
      const refusal = mayApprove(run, step, command, 'Retrying')
      if (refusal) return refusal
      if (step.attempt >= step.step.attempts)
        return refuse(
          'not-now',
          `“${step.step.title}” was tried ${step.attempt} times, and the runbook allows ${step.step.attempts}. Skip it, or roll back.`,
        )
      return [{ type: 'step-thinking', ...atNext(command) }]
    }
    case 'skip': {
      const step = at(run, command)
      if (step?.phase.is !== 'failed') return stale(run)
      if (run.phase.is === 'stopped') return resumeFirst(run)
      if (!step.step.skip)
        return refuse('not-now', `“${step.step.title}” may not be skipped: its runbook names no role for it.`)
      if (!command.roles.includes(step.step.skip))
        return refuse(
          'not-in-role',
          `Skipping “${step.step.title}” takes the role ${step.step.skip}, which ${command.by.name} is not in.`,
        )
      if (!command.reason.trim()) return refuse('reason-missing', 'Say why it may be skipped.')
      return [{ type: 'step-skipped', ...where(command), reason: command.reason }, ...following(run, step.id)]
    }
    case 'answer':
      return answer(run, command)
    case 'waive':
      return waive(run, command)
    case 'rollback':
      return rollback(state, run, command)
  }
}

/** The newest run of this log that began to change anything on the clusters. */
const newestThatChanged = ({ run, past }: State): string | undefined =>
  run && changedClusters(run) ? run.id : past.findLast(({ changed }) => changed)?.id

function onTargetAlready(state: State, flow: Flow): string {
  const { activeBy } = inFlow(state, flow)
  const since = activeBy === null ? '' : `, since run ${activeBy}`
  const down = state.run?.flow === flow && producersDown(state.run) !== null
  return flow === 'canary'
    ? `The canary's producers ${down ? 'belong to' : 'already run on'} the target${since}. /migrate canary rollback goes back.`
    : `Producers ${down ? 'belong to the target already, and stand still now' : 'already run on the target'}${since}. /migrate rollback goes back.`
}

function started(
  state: State,
  command: {
    runbook: Run['runbook']
    migration: Run['migration']
    bot: string
    mode?: Run['mode']
    notBefore?: number | null
    until?: number | null
    flow?: Flow
  },
): Event {
  const flow = command.flow ?? 'main'
  const of = flow === 'main' ? '' : `${flow}-`
  const run = `${of}${command.runbook.name}-${state.past.length + (state.run ? 2 : 1)}`
  const { runbook, migration, bot } = command
  return {
    type: 'run-started',
    run,
    mode: command.mode ?? 'real',
    runbook,
    migration,
    bot,
    notBefore: command.notBefore ?? null,
    until: command.until ?? null,
    ...(flow === 'main' ? {} : { flow }),
  }
}

function approve(
  run: Run,
  command: Extract<PersonCommand, { do: 'approve' }>,
  now: number,
): readonly Event[] | Refusal {
  const step = at(run, command)
  if (run.phase.is !== 'open') return resumeFirst(run)
  if (step?.phase.is === 'confirming') return refuse('already', 'It is approved already, and about to act.')
  if (step?.phase.is !== 'asking' || command.attempt !== step.attempt) return stale(run)
  if (step.phase.nonce !== command.nonce || step.phase.digest !== command.digest)
    return refuse(
      'stale',
      'What you approved is no longer what would be done: plan or gates have changed. Look at the message again.',
    )
  if (now >= step.phase.until) return refuse('stale', 'This approval has expired; it is being asked again.')
  const refusal = mayNotApprove(run, step, command)
  if (refusal) return refusal
  const enough = step.approvals.length + 1 >= (run.migration.policies[step.step.approve]?.approvals ?? 1)
  return [{ type: 'approved', ...where(command), nonce: command.nonce, digest: command.digest, enough }]
}

/** Why this person may not approve what the step asks now; null: nothing speaks against it. */
export function mayNotApprove(run: Run, step: StepRun, who: Asker): Refusal | null {
  const refusal = mayApprove(run, step, who)
  if (refusal) return refusal
  if (!run.migration.policies[step.step.approve]?.self && run.requestedBy.id === who.by.id)
    return refuse('requester', 'You asked for this run, so somebody else must approve its steps.')
  if (step.approvals.some((approval) => approval.by.id === who.by.id))
    return refuse('already', 'You approved this already.')
  return null
}

function answer(run: Run, command: Extract<PersonCommand, { do: 'answer' }>): readonly Event[] | Refusal {
  const step = at(run, command)
  const asked = openQuestions(run, step ?? undefined).find((one) => one.question === command.question)
  if (!step || !asked) return saidBefore(run, command) ?? stale(run)
  const reason = command.reason.trim()
  const { question, yes } = command
  if (!asked.eachApp) {
    if (!command.roles.includes(asked.role))
      return refuse('not-in-role', `This question is for the role ${asked.role}.`)
    return [{ type: 'answered', ...where(command), question, yes, ...(reason ? { reason } : {}) }]
  }
  const theirs = answersFor(seenByGates(run), asked.role, command.by.id, command.roles)
  const said = command.app === null ? theirs : theirs.filter((app) => app === command.app)
  if (!theirs.length)
    return refuse(
      'not-in-role',
      `You own none of these apps, and are not in the role ${asked.role}, which answers for those that nobody owns.`,
    )
  if (!said.length) return refuse('not-in-role', `${command.app} is not yours to answer for. Yours: ${some(theirs)}.`)
  if (yes) {
    const open = said.filter(
      (app) => !step.answers.some((one) => one.question === question && one.yes && one.apps?.includes(app)),
    )
    if (!open.length) return refuse('already', 'You have answered that already.')
    return [{ type: 'answered', ...where(command), question, yes, apps: open, ...(reason ? { reason } : {}) }]
  }
  if (said.length > 1)
    return refuse('reason-missing', `Say which app is not all right, and why. Yours: ${some(theirs)}.`)
  if (!reason) return refuse('reason-missing', `Say what is wrong with ${said[0]}: the step fails with your reason.`)
  return [{ type: 'answered', ...where(command), question, yes, apps: said, reason }]
}

/** The second click of one who has answered, when the run has gone on by the first. */
function saidBefore(run: Run, command: Extract<PersonCommand, { do: 'answer' }>): Refusal | null {
  const step = run.steps.find(({ id, attempt }) => id === command.step && attempt === command.attempt)
  const said = step?.answers.findLast(({ by, question }) => by.id === command.by.id && question === command.question)
  return said ? refuse('already', `You have answered that already: ${said.yes ? 'yes' : 'no'}.`) : null
}

const some = (names: readonly string[]) =>
  names.length > 20 ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more` : names.join(', ')

function abort(run: Run, command: Extract<PersonCommand, { do: 'abort' }>): readonly Event[] | Refusal {
  if (run.phase.is === 'stopped') return refuse('already', `${run.phase.by.name} stopped ${run.id} already.`)
  const onTheWire = run.steps
    .flatMap((step) => step.effects)
    .flatMap((effect) => (effect.status.is === 'claimed' ? [effect.effect.id] : []))
  return needs(run, command) ?? [{ type: 'run-aborted', run: run.id, reason: command.reason, onTheWire }]
}

function resume(run: Run, command: Extract<PersonCommand, { do: 'resume' }>): readonly Event[] | Refusal {
  const refusal = mayStop(run, command)
  if (refusal) return refusal
  if (run.phase.is === 'open' && run.held) return [{ type: 'run-released', run: run.id }]
  if (run.phase.is !== 'stopped') return refuse('not-now', `${run.id} is not stopped.`)
  const step = currentStep(run)
  return [{ type: 'run-resumed', run: run.id }, ...(step ? goesOnWith(run, step) : [])]
}

/** For one app alone: an approver may leave it out or not wait for it; only its owner's word stands for what cannot be measured. */
function waive(run: Run, command: Extract<PersonCommand, { do: 'waive' }>): readonly Event[] | Refusal {
  const app = run.migration.apps.find((one) => one.name === command.app)
  if (!app) return refuse('stale', `There is no app ${command.app} in this migration.`)
  if (!command.reason.trim()) return refuse('reason-missing', 'Say why: the reason is kept in the log.')
  if (run.waivers.some((one) => one.app === app.name && one.how === command.how))
    return refuse('already', `That is so already for ${app.name}.`)
  const isOwner =
    app.owner === undefined ? command.roles.includes('owners') : owns(run.migration, app.name, command.by.id)
  if (command.how === 'word' && !isOwner)
    return refuse('not-in-role', `Only ${app.owner ?? 'the role owners'} can give a word for ${app.name}.`)
  const refusal = command.how === 'word' ? null : mayStop(run, command)
  if (refusal) return refusal
  const { how, reason } = command
  const step = currentStep(run)
  const others = (step ? inHand(step) : []).filter(
    ({ effect }) => (effect.on as { app?: string } | null)?.app !== app.name,
  )
  const wasLast = how === 'exclude' && step?.phase.is === 'acting' && others.every(({ status }) => status.is === 'done')
  return [{ type: 'app-waived', run: run.id, app: app.name, how, reason }, ...(wasLast ? checking(run, step) : [])]
}

/** What was still to be done is asked anew; what was done is checked on, since the gates of before it no longer hold. */
function goesOnWith(run: Run, step: StepRun): readonly Event[] {
  if (step.phase.is === 'checking') return checking(run, step)
  const begun = step.phase.is !== 'waiting' && step.phase.is !== 'failed'
  return begun ? [{ type: 'step-thinking', run: run.id, step: step.id, attempt: step.attempt + 1 }] : []
}

/** Before the pivot the effects are inverted, step by step; from it on, the run ends and the rollback runbook begins. */
function rollback(
  state: State,
  run: Run,
  command: Extract<PersonCommand, { do: 'rollback' }>,
): readonly Event[] | Refusal {
  const refusal = needs(run, command)
  if (refusal) return refusal
  if (run.steps.some((step) => step.undoOf)) return refuse('already', `${run.id} is being rolled back already.`)
  if (command.copy && state.activeSide !== 'target')
    return refuse(
      'not-now',
      'Producers are not on the target, so nothing was born there that would have to be copied. /migrate rollback undoes what was done.',
    )
  if (command.copy && command.runbook?.name === run.runbook.name)
    return refuse('already', `${run.id} copies back already.`)
  const byAnother = goesBackAtOnce(state, run)
  if (pastPivot(run) || command.copy || (byAnother && command.runbook)) {
    if (!command.runbook) return refuse('not-now', `${run.id} is past its pivot, and its runbook names no rollback.`)
    const how = byAnother ? 'it had changed nothing, and the estate is rolled back' : 'rolled back'
    return [
      { type: 'run-closed', run: run.id, reason: `${how}: ${command.reason}` },
      started(
        { ...state, run },
        { runbook: command.runbook, migration: command.migration, bot: command.bot, until: run.until, flow: run.flow },
      ),
    ]
  }
  const undo = undoable(run)
  if (!undo.length) return [{ type: 'run-closed', run: run.id, reason: `nothing had been done: ${command.reason}` }]
  return [{ type: 'rollback-begun', run: run.id, reason: command.reason, undo }]
}

const failed = (run: Run) => currentStep(run)?.phase.is === 'failed'

function mayApprove(run: Run, step: StepRun, command: Asker, doing = 'Approving'): Refusal | null {
  const role = run.migration.policies[step.step.approve]?.role ?? ''
  return command.roles.includes(role)
    ? null
    : refuse('not-in-role', `${doing} “${step.step.title}” takes the role ${role}, which ${command.by.name} is not in.`)
}

/** Abort, Resume, Roll back and Close are open to every approver of the run. */
function mayStop(run: Run, command: PersonCommand): Refusal | null {
  const policies = [...run.steps.map((step) => step.step.approve), rollbackPolicy]
  const roles = [...new Set(policies.flatMap((policy) => run.migration.policies[policy]?.role ?? []))]
  return roles.some((role) => command.roles.includes(role))
    ? null
    : refuse(
        'not-in-role',
        `This takes ${roles.length === 1 ? 'the role' : 'one of the roles'} ${roles.join(', ')}, which ${command.by.name} is not in.`,
      )
}

const needs = (run: Run, command: PersonCommand & { reason: string }): Refusal | null =>
  mayStop(run, command) ??
  (command.reason.trim() ? null : refuse('reason-missing', 'Say why: the reason is kept in the log.'))
