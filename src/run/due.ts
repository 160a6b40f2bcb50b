import { currentStep, type EffectRun, inHand, type Run, type State, type StepRun } from './state.js'
import { escalatesAt, isFree } from './transitions.js'

/** What the engine has to do now, computed from the log alone; wake-ups are only hints to ask. */
export type Due =
  | { readonly is: 'nothing'; readonly at: number | null }
  | { readonly is: 'begin'; readonly run: Run; readonly step: StepRun }
  | { readonly is: 'think'; readonly run: Run; readonly step: StepRun }
  | { readonly is: 'confirm'; readonly run: Run; readonly step: StepRun }
  | { readonly is: 'expire'; readonly run: Run; readonly step: StepRun }
  | { readonly is: 'escalate'; readonly run: Run; readonly step: StepRun }
  | { readonly is: 'act'; readonly run: Run; readonly step: StepRun; readonly effects: readonly EffectRun[] }
  | { readonly is: 'check'; readonly run: Run; readonly step: StepRun }

/** Effects of one order run side by side up to this bound. */
export const parallelEffects = 10

export function due(state: State, now: number): Due {
  const { run } = state
  if (run?.phase.is !== 'open') return nothing
  if (run.notBefore !== null && now < run.notBefore) return { is: 'nothing', at: run.notBefore }
  const step = currentStep(run)
  if (!step) return nothing
  switch (step.phase.is) {
    case 'waiting':
      return { is: 'begin', run, step }
    case 'thinking':
      return { is: 'think', run, step }
    case 'confirming':
      return run.held ? nothing : { is: 'confirm', run, step }
    case 'asking': {
      if (now >= step.phase.until) return { is: 'expire', run, step }
      const others = escalatesAt(run, step)
      return others && now >= others.ms ? { is: 'escalate', run, step } : { is: 'think', run, step }
    }
    case 'acting': {
      if (run.held) return nothing
      const open = inHand(step).filter((effect) => effect.status.is !== 'done')
      const order = Math.min(...open.map((effect) => effect.order))
      const effects = open
        .filter((effect) => effect.order === order && isFree(effect.status, now))
        .slice(0, parallelEffects)
      return { is: 'act', run, step, effects }
    }
    case 'checking':
      return { is: 'check', run, step }
    default:
      return nothing
  }
}

const nothing: Due = { is: 'nothing', at: null }
