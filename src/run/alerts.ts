import type { AlertFacts, Event } from './events.js'
import type { State } from './state.js'

/** The monitor says what is wrong now; what is new is raised, what changed in kind is updated, what is gone is closed. */
export function decideAlerts(state: State, wanted: readonly AlertFacts[]): readonly Event[] {
  const open = state.alerts.filter((alert) => !alert.closed)
  const raised = wanted.flatMap((alert): Event[] => {
    const known = open.find((one) => one.cause === alert.cause)
    if (!known) return [{ type: 'alert-raised', alert }]
    return known.text === alert.text && known.severity === alert.severity ? [] : [{ type: 'alert-updated', alert }]
  })
  const closed = open
    .filter((alert) => !wanted.some((one) => one.cause === alert.cause))
    .map((alert): Event => ({ type: 'alert-closed', cause: alert.cause, text: `${alert.title}: over.` }))
  return [...raised, ...closed]
}
