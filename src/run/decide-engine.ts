import type { Json } from '../runbook/json.js'
import { digest } from '../runbook/json.js'
import { audited } from './audits.js'
import { whatChanged } from './changed.js'
import type { EngineCommand, FactDigests, PlannedEffect, Refusal } from './commands.js'
import type { At, Event, GateLook } from './events.js'
import { currentStep, inHand, isOpen, nonceOf, type Run, type State, type StepRun } from './state.js'
import { checking, escalatesAt, facts, following, isFree, refuse, superseded, where } from './transitions.js'

/** How often an effect may fail before its step does. */
const maxFailures = 3
/** What was seen longer ago is no longer what is: longer than any look takes, and a replica that was paused looks again. */
const staleMs = 60_000

/** What follows from what the engine saw or did; whatever comes late is refused. */
export function decideEngine(state: State, command: EngineCommand, now: number): readonly Event[] | Refusal {
  if (command.do === 'audited') return audited(state, command)
  const { run } = state
  if (!isOpen(run)) return superseded
  const mayAct = run.phase.is === 'open' && now - command.asOf <= staleMs
  if (!mayAct && command.do !== 'performed' && command.do !== 'partly-performed') return superseded
  if (command.do === 'hold')
    return run.held || command.run !== run.id
      ? refuse('already', 'held already')
      : [{ type: 'run-held', run: run.id, gates: command.gates }]
  const step = currentStep(run)
  if (command.run !== run.id || step?.id !== command.step || step.attempt !== command.attempt)
    return refuse('superseded', 'The run has moved on.')
  switch (command.do) {
    case 'think':
      return step.phase.is === 'waiting' ? [{ type: 'step-thinking', ...where(command) }] : superseded
    case 'looked':
      return looked(run, step, command)
    case 'ask':
      return step.phase.is === 'thinking' ? ask(run, step, command, now) : superseded
    case 'confirm':
      return confirm(run, step, command)
    case 'fall':
      return nonceOf(step) === command.nonce
        ? [{ type: 'approvals-fell', ...where(command), why: command.why }]
        : superseded
    case 'escalate': {
      const at = escalatesAt(run, step)
      return nonceOf(step) === command.nonce && at !== null && now >= at.ms
        ? [{ type: 'escalated', ...where(command), nonce: command.nonce, role: at.role }]
        : superseded
    }
    case 'claim': {
      if (step.phase.is !== 'acting' || run.held) return superseded
      const free = inHand(step).filter(
        (effect) => command.effects.includes(effect.effect.id) && isFree(effect.status, now),
      )
      return free.length === command.effects.length
        ? [{ type: 'effects-claimed', ...where(command), effects: command.effects, until: now + command.forMs }]
        : superseded
    }
    case 'performed':
      return performed(run, step, command)
    case 'partly-performed': {
      const status = step.effects.find((one) => one.effect.id === command.effect)?.status
      if (status?.is !== 'claimed' || status.replica !== command.by.replica) return superseded
      return [
        ...facts(command),
        { type: 'effect-continued', ...where(command), effect: command.effect, text: command.text },
      ]
    }
    case 'not-performed': {
      const effect = step.effects.find((one) => one.effect.id === command.effect)
      // What never began fails too: its gate kept it waiting for longer than it may. What another has claimed since is that one's.
      const status = effect?.status
      const fails =
        status?.is === 'claimed'
          ? status.replica === command.by.replica
          : command.final && status && status.is !== 'done'
      if (step.phase.is !== 'acting' || !effect || !fails) return superseded
      const events: Event[] = [{ type: 'effect-failed', ...where(command), effect: command.effect, text: command.text }]
      const over = command.final || effect.failures + 1 >= maxFailures
      return over ? [...events, { type: 'step-failed', ...where(command), why: command.text, gates: [] }] : events
    }
  }
}

function looked(
  run: Run,
  step: StepRun,
  command: Extract<EngineCommand, { do: 'looked' }>,
): readonly Event[] | Refusal {
  const { phase, gates, outcome } = command
  if (phase === 'think') {
    if (step.phase.is === 'thinking')
      return changed(step.think, gates) ? [{ type: 'think-changed', ...where(command), gates }] : []
    if (nonceOf(step) !== command.nonce || step.phase.is !== 'asking' || !changed(step.think, gates)) return superseded
    return [
      { type: 'approvals-fell', ...where(command), why: sentence(gates) },
      { type: 'think-changed', ...where(command), gates },
    ]
  }
  if (step.phase.is !== 'checking') return superseded
  if (outcome === 'passed')
    return [...facts(command), { type: 'step-passed', ...where(command), gates }, ...following(run, step.id)]
  if (outcome !== 'wait') return [{ type: 'step-failed', ...where(command), why: outcome.failed, gates }]
  return changed(step.check, gates) ? [{ type: 'check-changed', ...where(command), gates }] : []
}

/** A step without anything to do is passed without asking: straight on to its checks. A rehearsal asks wherever the night would. */
function ask(run: Run, step: StepRun, command: Extract<EngineCommand, { do: 'ask' }>, now: number): readonly Event[] {
  const { plan, gates, nonce } = command
  const policy = run.migration.policies[step.step.approve]
  const until = now + (policy?.expires ?? 7_200_000)
  const planned: Event[] = [
    ...facts(command),
    {
      type: 'step-planned',
      ...where(command),
      nonce,
      digest: planDigest(plan, gates),
      effects: plan.length,
      until,
      gates,
    },
    ...plan.map(({ order, effect }): Event => ({ type: 'effect-planned', ...where(command), order, effect })),
  ]
  const rehearsal = run.mode === 'rehearsal'
  if (plan.length || (rehearsal && step.step.do.length)) return planned
  if (rehearsal) return [...planned, ...rehearsed(run, step, { ...command, facts: [] })]
  return [...planned, { type: 'step-acting', ...where(command), gates }, ...checking(run, step)]
}

/** The deciding approval is about to act: gates, plan and roles as they are now must still be what was approved. */
function confirm(
  run: Run,
  step: StepRun,
  command: Extract<EngineCommand, { do: 'confirm' }>,
): readonly Event[] | Refusal {
  if (step.phase.is !== 'confirming' || step.phase.nonce !== command.nonce || run.held) return superseded
  const fall = (why: string): Event[] => [{ type: 'approvals-fell', ...where(command), why }]
  if (command.gates.some((look) => !look.warn && look.verdict !== 'passed')) return fall(sentence(command.gates))
  if (planDigest(command.plan, command.gates) !== step.phase.digest)
    return fall(
      `What would be done has changed since it was approved. ${whatChanged(step, command.plan)}`.trim().slice(0, 900),
    )
  const policy = run.migration.policies[step.step.approve]
  const role = policy?.role ?? ''
  const lost = step.approvals.filter((approval) => !command.roles.get(approval.by.id)?.includes(role))
  if (lost.length)
    return fall(
      `${lost.map((approval) => approval.by.name).join(', ')} can no longer be shown to be in the role ${role}.`,
    )
  if (run.mode === 'rehearsal') return rehearsed(run, step, command)
  return [
    ...facts(command),
    { type: 'step-acting', ...where(command), gates: command.gates },
    ...(command.plan.length ? [] : checking(run, step)),
  ]
}

/** Nothing is done; what would have to be proved is named, and never called proved. */
function rehearsed(
  run: Run,
  step: StepRun,
  command: At & { gates: readonly GateLook[]; facts: FactDigests },
): readonly Event[] {
  const required = step.step.check.map(
    (call): GateLook => ({ gate: call.gate, verdict: 'inconclusive', text: 'Would be required.', warn: true }),
  )
  return [
    ...facts(command),
    { type: 'step-acting', ...where(command), gates: command.gates },
    { type: 'step-passed', ...where(command), gates: required },
    ...following(run, step.id),
  ]
}

/** What was done is recorded whatever became of the run meanwhile; only a step that acts goes on by it. */
function performed(
  run: Run,
  step: StepRun,
  command: Extract<EngineCommand, { do: 'performed' }>,
): readonly Event[] | Refusal {
  const effect = step.effects.find((one) => one.effect.id === command.effect)
  if (!effect || effect.status.is === 'done') return superseded
  const last = inHand(step).every((one) => one === effect || one.status.is === 'done')
  const goesOn = last && run.phase.is === 'open' && step.phase.is === 'acting'
  const done: Event[] = [
    ...facts(command),
    { type: 'effect-done', ...where(command), effect: command.effect, text: command.text },
  ]
  // The run that adopts is over with it: the one that it took over stands in its place.
  if (command.adopts)
    return [
      ...done,
      { type: 'step-passed', ...where(command), gates: [] },
      { type: 'run-finished', run: command.run },
      { type: 'adopted', run: command.run, ...command.adopts },
    ]
  return [...done, ...(goesOn ? checking(run, step) : [])]
}
/** Digest of what a person approves: effects with before and after, and each gate's verdict. Moving figures are not in it. */
function planDigest(plan: readonly PlannedEffect[], gates: readonly GateLook[]): string {
  return digest({
    effects: plan.map(({ effect, order }) => [order, effect.id, effect.before, effect.after]) as Json,
    gates: gates.filter((look) => !look.warn).map((look) => [look.gate, look.verdict]) as Json,
  })
}

const changed = (before: readonly GateLook[], after: readonly GateLook[]) =>
  before.length !== after.length ||
  before.some((look, i) => look.verdict !== after[i]!.verdict || look.gate !== after[i]!.gate)
const sentence = (gates: readonly GateLook[]) =>
  gates
    .filter((look) => !look.warn && look.verdict !== 'passed')
    .map((look) => look.text)
    .join(' ')
    .slice(0, 600)
