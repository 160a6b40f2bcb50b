import type { Migration } from '../config/migration.js'
import type { Run } from './state.js'

/** What was decided for one stuck app of many, by a person, with a reason. */
export const waiverWays = ['exclude', 'force', 'word'] as const
export type WaiverWay = (typeof waiverWays)[number]

const names = (run: Run, ...ways: readonly WaiverWay[]): ReadonlySet<string> =>
  new Set(run.waivers.filter(({ how }) => ways.includes(how)).map(({ app }) => app))

const without = (migration: Migration, apps: ReadonlySet<string>): Migration =>
  apps.size ? { ...migration, apps: migration.apps.filter(({ name }) => !apps.has(name)) } : migration

/**
 * Gates do not look at an app that is excluded, nor at one for which its owner gave a word; those that an effect waits for neither, or one
 * hanging pod would keep the fence from going up while producers are down.
 */
export const seenByGates = (run: Run): Migration => without(run.migration, names(run, 'exclude', 'word'))

/** Actions do not touch an app that is excluded. */
export const touchedByActions = (run: Run): Migration => without(run.migration, names(run, 'exclude'))

/** An app that is forced, or for which its owner gave a word, does not wait for the gate of its effect. */
export const waitsForGate = (run: Run, app: unknown): boolean => !names(run, 'force', 'word').has(String(app))
