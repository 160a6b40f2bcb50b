import type { Person } from './types.js'

/** Three who may operate, one who owns, one who only looks on: enough for every rule about who may approve. */
export const defaultPeople: readonly Person[] = [
  { id: 'U0ALICE', name: 'Alice Ops', groups: ['operators'] },
  { id: 'U0BOB', name: 'Bob Platform', groups: ['operators'] },
  { id: 'U0CAROL', name: 'Carol Duty', groups: ['operators'] },
  { id: 'U0DANA', name: 'Dana Owner', groups: ['owners'] },
  { id: 'U0EVE', name: 'Eve Watcher', groups: [] },
]
