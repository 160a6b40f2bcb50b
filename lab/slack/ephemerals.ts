import { refuse } from './refusal.js'
import type { Ephemeral } from './types.js'
import type { Workspace } from './workspace.js'

/** What only one person sees. Slack forgets these when the page is loaded again; here they last until they are dismissed. */
export interface Ephemerals {
  show(ephemeral: Omit<Ephemeral, 'type' | 'ts'>): Ephemeral
  find(ts: string): Ephemeral
  has(ts: string): boolean
  replace(ts: string, change: (ephemeral: Ephemeral) => Ephemeral): void
  dismiss(ts: string): void
  list(): readonly Ephemeral[]
}

export function createEphemerals(workspace: Workspace): Ephemerals {
  const shown = new Map<string, Ephemeral>()
  const find = (ts: string): Ephemeral => shown.get(ts) ?? refuse('message_not_found')
  return {
    show(ephemeral) {
      const posted: Ephemeral = { type: 'message', ts: workspace.ts(), ...ephemeral }
      shown.set(posted.ts, posted)
      workspace.changed()
      return posted
    },
    find,
    has: (ts) => shown.has(ts),
    replace(ts, change) {
      shown.set(ts, change(find(ts)))
      workspace.changed()
    },
    dismiss(ts) {
      if (shown.delete(ts)) workspace.changed()
    },
    list: () => [...shown.values()],
  }
}
