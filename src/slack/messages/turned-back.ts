import { currentStep, isOpen, type State } from '../../run/state.js'
import { named } from './say.js'

/** What came of asking an open run to go back, by the state right after. */
export function turnedBack({ run, previous, activeSide }: State): string {
  if (!run) return ''
  const id = named(run.id)
  if (!isOpen(run)) {
    const stands =
      activeSide === 'target'
        ? 'producers run on the target as before: /migrate rollback goes back'
        : 'nothing is to be undone'
    return `Run ${id} is closed. It had changed nothing, and ${stands}.`
  }
  if (currentStep(run)?.undoOf) return `Run ${id} rolls back: what it changed is undone, newest first.`
  return `Run ${id} has begun, and goes back${previous ? `; run ${named(previous.id)} is closed` : ''}.`
}
