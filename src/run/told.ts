import type { Event, GateLook } from './events.js'

/** One event as a line of a timeline; null for what only the engine cares about. */
export function told(event: Event, rehearsal = false): string | null {
  switch (event.type) {
    case 'run-started':
      return `asked for ${event.runbook.title} (run ${event.run}${event.mode === 'rehearsal' ? ', a rehearsal' : ''})`
    case 'run-aborted':
      return `aborted the run: ${event.reason}${event.onTheWire.length ? `; on the wire: ${event.onTheWire.join(', ')}` : ''}`
    case 'run-resumed':
      return 'resumed the run'
    case 'run-closed':
      return `closed the run: ${event.reason}`
    case 'run-finished':
      return 'the run is finished'
    case 'run-held':
      return `the run is held: ${texts(event.gates)}`
    case 'run-released':
      return 'released the held run'
    case 'rollback-begun':
      return `began to roll back: ${event.reason}`
    case 'app-waived':
      return `${event.app}: ${{ exclude: 'left out', force: 'not waited for', word: 'vouched for' }[event.how]}: ${event.reason}`
    case 'adopted':
      return `took over from log head ${event.head.version} (${event.head.head.slice(0, 16)})`
    case 'step-thinking':
      return `${event.step}: is measured (attempt ${event.attempt})`
    case 'step-planned':
      return `${event.step}: asks for approval of ${event.effects} ${event.effects === 1 ? 'change' : 'changes'}, on ${event.gates.length} ${event.gates.length === 1 ? 'gate' : 'gates'}`
    case 'approved':
      return `${event.step}: approved${event.enough ? '' : ' (more approvals are needed)'}`
    case 'approvals-fell':
      return `${event.step}: approvals fell: ${event.why}`
    case 'escalated':
      return `${event.step}: nobody approved in time; people of the role ${event.role} are called`
    case 'step-acting':
      return `${event.step}: ${rehearsal ? 'would be done' : 'is done'}`
    case 'effect-done':
      return `${event.step}: ${event.text}`
    case 'effect-continued':
      return `${event.step}: ${event.text}`
    case 'effect-failed':
      return `${event.step}: failed: ${event.text}`
    case 'answered':
      return `${event.step}: answered ${event.yes ? 'yes' : 'no'} to “${event.question}”${event.apps ? ` for ${event.apps.join(', ')}` : ''}${event.reason ? `: ${event.reason}` : ''}`
    case 'step-passed':
      return `${event.step}: ${rehearsal ? 'rehearsed' : 'passed'}`
    case 'step-failed':
      return `${event.step}: failed: ${event.why}`
    case 'step-skipped':
      return `${event.step}: skipped: ${event.reason}`
    case 'fact-recorded':
      return `${event.step}: recorded ${event.name} (${event.digest.slice(0, 16)})`
    case 'audit-begun':
      return `asked for an audit of ${event.topic ?? 'all topics'}`
    case 'audit-ended':
      return event.text
    case 'alert-raised':
      return `alert: ${event.alert.title}`
    case 'alert-closed':
      return `alert over: ${event.text}`
    case 'alert-acknowledged':
      return `takes care of the alert ${event.cause}`
    case 'alert-snoozed':
      return `keeps the alert ${event.cause} quiet`
    case 'think-changed':
    case 'check-changed':
    case 'effect-planned':
    case 'effects-claimed':
    case 'step-checking':
    case 'alert-updated':
      return null
  }
}

const texts = (gates: readonly GateLook[]) => gates.map((look) => look.text).join(' ')
