import type { Entry } from '../run/events.js'

/** Where the log is kept: narrow, so that whoever reads `submit` sees all that it may touch. */
export interface LogStore {
  /** Entries after `version`, oldest first, and the store's own clock in epoch milliseconds, in one round trip. */
  readAfter(version: number): Promise<{ entries: readonly Entry[]; now: number }>
  /** Appends all or nothing, and only if the log still ends at `version`. False: somebody else was first. */
  append(version: number, entries: readonly Entry[]): Promise<boolean>
}
