import type { Json } from '../../src/runbook/json.js'
import type { Verdict } from '../../src/runbook/language.js'

/**
 * States of one estate. bare: nothing is on the target yet. unready: the records are there, topics are set up otherwise, no group is placed
 * and no fence stands. well: the mirror is stopped behind the last record, all is drained, the target's groups are at the waterline. wrong:
 * one record more in every partition, another on each side, and no group where it was.
 */
export type Scene = 'bare' | 'unready' | 'well' | 'wrong'

type Expected = Partial<Record<Scene, Verdict>>
const always: Expected = { well: 'passed', wrong: 'passed' }
const tells: Expected = { well: 'passed', wrong: 'failed' }

/** What each gate must say where it is looked at, in the order in which facts are given; whoever says anything else was not measured. */
export const expected: Readonly<Record<string, Expected>> = {
  baseline: { ...always, unready: 'passed' },
  drained: { ...tells, unready: 'passed' },
  'mirror-final': { ...always, unready: 'passed' },
  waterline: { ...always, unready: 'passed' },
  'acls-parity': { bare: 'failed', ...always },
  'break-glass': always,
  capacity: always,
  'caught-up': tells,
  'dam-sample': always,
  'debt-harmless': tells,
  fenced: { unready: 'failed', ...always },
  'groups-empty': always,
  'groups-known': always,
  // Nobody reads here: a group with a member costs what one without costs.
  'lag-falls': { well: 'failed', wrong: 'failed' },
  'left-behind-harmless': { well: 'failed' },
  'mirror-eta': tells,
  'no-writes': tells,
  'nothing-left-behind': tells,
  'offset-identity': tells,
  'offsets-expiry': { well: 'passed' },
  'offsets-still': tells,
  'one-side-writes': tells,
  positioned: { unready: 'failed', ...tells },
  'rate-in': always,
  'rate-out': always,
  'read-from': { well: 'failed', wrong: 'failed' },
  registry: always,
  'replicas-full': { bare: 'passed', ...always },
  'retention-race': always,
  rights: { bare: 'passed', ...always },
  sealed: tells,
  'tails-equal': tells,
  'target-accepts': always,
  'target-silent': tells,
  'topics-parity': { bare: 'failed', unready: 'failed', well: 'passed' },
  // The target is of 4.x, which no longer understands the oldest clients.
  versions: { well: 'failed' },
  // Last: what they name no comparison looks at any more.
  'orphans-named': always,
  'orphans-harmless': tells,
}

/** Which call of a gate is looked at where the runbooks call it in more than one way; otherwise the first. */
export const lookedAt: Readonly<Record<string, (args: Json) => boolean>> = {
  // It reads the same either way, and says of a fence what the scenes are about.
  fenced: (args) => (args as { stands: boolean }).stands,
}

/** Gates of the runbooks that read pods, connectors, Prometheus or people, and nothing of 10,000 partitions; the valve's read its few topics. */
export const elsewhere: ReadonlySet<string> = new Set([
  'alerts-below',
  'apps-asleep',
  'apps-gone',
  'apps-healthy',
  'apps-ready',
  'asked',
  'logs-clean',
  'mirror-alone',
  'mirror-config',
  'mirror-runs',
  'monitored',
  'no-resnapshot',
  'offsets-external',
  'stopped-cleanly',
  'valve-closed',
  'valve-config',
  'valve-on',
])

/** What is planned in a scene, and how many changes that must be of: one for each topic, each group or each user, or for as many topics as one fence is of. */
export const planned: Partial<
  Record<Scene, readonly { action: string; args: object; of: 'topics' | 'groups' | 'users' | 'fences' }[]>
> = {
  bare: [
    { action: 'topics-create', args: {}, of: 'topics' },
    { action: 'acls-create', args: {}, of: 'users' },
  ],
  unready: [
    { action: 'topics-align', args: {}, of: 'topics' },
    { action: 'groups-position', args: { side: 'target', at: 'waterline' }, of: 'groups' },
    { action: 'writes-fence', args: { side: 'source' }, of: 'fences' },
  ],
}
