import { decideAlerts } from './alerts.js'
import type { Command, EngineCommand, PersonCommand, Refusal } from './commands.js'
import { decideEngine } from './decide-engine.js'
import { decidePerson } from './decide-person.js'
import type { Event } from './events.js'
import type { State } from './state.js'

/** Every transition of a migration. Pure: the same state, command and time give the same events, or the reason why not. */
export function decide(state: State, command: Command, now: number): readonly Event[] | Refusal {
  if (command.by.kind === 'monitor') return decideAlerts(state, (command as Extract<Command, { do: 'alerts' }>).wanted)
  return command.by.kind === 'person'
    ? decidePerson(state, command as PersonCommand, now)
    : decideEngine(state, command as EngineCommand, now)
}
