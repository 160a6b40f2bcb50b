import type { Json } from './json.js'
import type { GateCall } from './language.js'

/** `apps-ready source upstream`: a gate with its arguments, as people read it and as the log keeps it. */
export function sayGate({ gate, args }: GateCall): string {
  const words = Object.entries((args ?? {}) as { [key: string]: Json }).map(([key, value]) =>
    plainArgs.includes(key) ? String(value) : `${key} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  )
  return [gate, ...words].join(' ')
}

/** Arguments that need no name to be understood. */
const plainArgs = ['side', 'tier', 'app']
