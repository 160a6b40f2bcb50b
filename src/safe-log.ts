import { noteName } from './actions/note.js'
import type { Clients } from './clients.js'
import type { Migration } from './config/migration.js'
import { createLostHeads, type ReadLog } from './log/lost-heads.js'
import { withSafeRuns } from './log/real-runs.js'
import { createLog, type Log } from './log/submit.js'
import type { Stores } from './stores.js'

/**
 * The log as people speak to it, in Slack and on the command line: no real run begins on one that may be shortened, by Redis's own word, or
 * that was, by the heads on both sides. The clients are asked for at a start only: most words need no cluster.
 */
export function createSafeLog(
  stores: Pick<Stores, 'log' | 'unsafeForRealRuns'>,
  clients: () => Pick<Clients, 'workloads'>,
  { migration }: Pick<Migration, 'migration'>,
  appended: () => void,
): Log & ReadLog {
  const log = createLog(stores.log, appended)
  const after = async (version: number) => (await stores.log.readAfter(version)).entries
  const name = noteName(migration)
  const heads = createLostHeads({
    log: { load: log.load, after },
    noted: async (side) => (await clients().workloads[side].configMaps.get(name))?.data,
    name,
  })
  return { ...withSafeRuns(log, { settings: stores.unsafeForRealRuns, heads }), after }
}
