import type { GateLook } from '../../run/events.js'
import type { Live } from '../../run/live.js'
import type { Run, StepRun } from '../../run/state.js'
import type { Verdict } from '../../runbook/language.js'
import { clipped, count, escaped, sentence } from './say.js'

const words: Record<Verdict, string> = {
  passed: 'Holds',
  failed: 'Does not hold',
  inconclusive: 'Not known yet',
  error: 'Could not be measured',
}

/** The newest looks of a phase: the live figures where they speak of this very attempt, else what the log says. */
export function newestLooks(step: StepRun, phase: 'think' | 'check', live: Live | null): readonly GateLook[] {
  const speaksOfIt = live && live.step === step.id && live.attempt === step.attempt && live.phase === phase
  return speaksOfIt ? live.gates : step[phase]
}

/** One line a gate, in words; what stops the step comes first. `ahead`: a rehearsal, in which the steps before this one did nothing. */
export function gateLines(looks: readonly GateLook[], most = 12, ahead = false): string {
  const lines = [...looks].sort((a, b) => weight(a) - weight(b)).map((look) => line(look, ahead))
  const rest = lines.length - most
  return [...lines.slice(0, most), ...(rest > 0 ? [`• and ${count(rest, 'more gate')}`] : [])].join('\n')
}

/** `3 of 5 gates hold` */
export function gateCount(looks: readonly GateLook[], of: number): string {
  const holding = looks.filter((look) => look.verdict === 'passed').length
  return `${holding} of ${count(Math.max(of, looks.length), 'gate')} ${holding === 1 ? 'holds' : 'hold'}`
}

/** In a rehearsal the steps before this one have changed nothing: what does not hold here may hold by then. */
export const isAhead = (run: Run, step: StepRun): boolean => run.mode === 'rehearsal' && step !== run.steps[0]

export const stops = (look: GateLook): boolean => !look.warn && look.verdict !== 'passed'

function line(look: GateLook, ahead: boolean): string {
  const warns = look.warn && look.verdict !== 'passed'
  const found =
    warns && ahead
      ? 'Would have to hold by then'
      : `${words[look.verdict]}${warns ? ' (a warning, stops nothing)' : ''}`
  return `• *${found}:* ${clipped(sentence(escaped(look.text)), 260)} _${escaped(shortName(look.gate))}_`
}

const weight = (look: GateLook): number => (stops(look) ? 0 : look.verdict === 'passed' ? 2 : 1)

/** The gate with its first arguments: lists and patterns are for the log. */
const shortName = (gate: string): string => clipped(gate.replace(/ [[{].*$/, ''), 50)
