import { refuse } from './refusal.js'
import type { Workspace } from './workspace.js'

/** A trigger lives as long as Slack's: three seconds, for one view. */
const livesMs = 3000

export interface Triggers {
  issue(user: string): string
  /** Whose click it came from. Refused when it is spent, late, or was never given out. */
  exchange(trigger: string): string
}

export function createTriggers(workspace: Workspace): Triggers {
  const issued = new Map<string, { user: string; until: number; spent: boolean }>()
  return {
    issue(user) {
      const trigger = `${workspace.ts()}.${workspace.id('').toLowerCase()}`
      issued.set(trigger, { user, until: workspace.now() + livesMs, spent: false })
      return trigger
    },
    exchange(trigger) {
      const found = issued.get(trigger)
      if (found === undefined) return refuse('invalid_trigger_id')
      if (found.spent) refuse('exchanged_trigger_id')
      if (found.until < workspace.now()) refuse('expired_trigger_id')
      found.spent = true
      return found.user
    },
  }
}
