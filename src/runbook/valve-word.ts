import { type Migration, type Side, sides } from '../config/migration.js'
import type { Json } from './json.js'
import type { GateCall } from './language.js'

/** What a gate about the valve comes down to where people work it: a question to a role. */
export interface ValveQuestion {
  readonly question: string
  readonly role: string
}

/** Undefined: it is no such gate, or the valve is no person's. */
export function valveQuestion({ valve }: Pick<Migration, 'valve'>, { gate, args }: Pick<GateCall, 'gate' | 'args'>) {
  const side = sideOf(args)
  if (valve.kind !== 'person' || !side) return undefined
  const other = side === 'source' ? 'target' : 'source'
  const questions: Readonly<Record<string, string>> = {
    'valve-on': isAgain(args)
      ? `Does ${valve.what} let data into the ${side} again, beginning with what it has sent to the ${other} meanwhile, and no longer into the ${other}?`
      : `Does ${valve.what} let data into the ${side}, and no longer into the ${other}?`,
    'valve-closed': `Has ${valve.what} stopped letting data into the ${side}?`,
  }
  const question = questions[gate]
  return question === undefined ? undefined : ({ question, role: valve.role } satisfies ValveQuestion)
}

/** What has to be asked when changes to the valve are undone, with what they have sent meanwhile in mind. */
export function askedAfterUndo(
  migration: Pick<Migration, 'valve'>,
  undone: readonly { readonly action: string; readonly on: Json }[],
): readonly GateCall[] {
  if (migration.valve.kind !== 'person') return []
  const of = (action: string) => sideOf(undone.find((effect) => effect.action === action)?.on ?? null)
  const [closed, opened] = [of('valve-close'), of('valve-open')]
  const call = (gate: string, args: Json): GateCall[] => [
    { gate, args, forMs: 0, withinMs: answeredWithinMs, warn: false },
  ]
  // Closed there, it is to be open there again, and only people can make it send again; only opened, it is to be closed again.
  if (closed) return call('valve-on', { side: closed, again: true })
  return opened ? call('valve-closed', { side: opened }) : []
}

const answeredWithinMs = 43_200_000

const isAgain = (args: Json) => (args as { again?: unknown } | null)?.again === true

function sideOf(args: Json): Side | undefined {
  const side = (args as { side?: unknown } | null)?.side
  return sides.find((one) => one === side)
}
