import type { Entry, Event } from '../run/events.js'
import { UnknownEvent } from './errors.js'

/** Every type of event that this version acts on. Fields are only ever added; an old form is lifted to the new one here and nowhere else. */
const known: Record<Event['type'], true> = {
  'run-started': true,
  'run-aborted': true,
  'run-resumed': true,
  'run-closed': true,
  'run-finished': true,
  'run-held': true,
  'run-released': true,
  'rollback-begun': true,
  'app-waived': true,
  adopted: true,
  'step-thinking': true,
  'think-changed': true,
  'step-planned': true,
  'effect-planned': true,
  approved: true,
  'approvals-fell': true,
  escalated: true,
  'step-acting': true,
  'effects-claimed': true,
  'effect-done': true,
  'effect-continued': true,
  'effect-failed': true,
  'step-checking': true,
  'check-changed': true,
  answered: true,
  'step-passed': true,
  'step-failed': true,
  'step-skipped': true,
  'fact-recorded': true,
  'audit-begun': true,
  'audit-ended': true,
  'alert-raised': true,
  'alert-updated': true,
  'alert-closed': true,
  'alert-acknowledged': true,
  'alert-snoozed': true,
}

export function lift(entry: Entry): Entry {
  if (!Object.hasOwn(known, entry.event.type)) throw new UnknownEvent(entry.version, entry.event.type)
  return entry
}
