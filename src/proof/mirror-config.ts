import { isOlder } from './versions.js'

/** What is read of MirrorSourceConnector's settings; none of them is a secret. */
export const mirrorSettings = [
  'connector.class',
  'source.cluster.alias',
  'target.cluster.alias',
  'replication.policy.class',
  'topics',
  'topics.exclude',
  'topics.blacklist',
  'consumer.auto.offset.reset',
  'source.consumer.auto.offset.reset',
  'consumer.override.auto.offset.reset',
  'source.cluster.auto.offset.reset',
  'source.cluster.consumer.auto.offset.reset',
  'consumer.isolation.level',
  'source.consumer.isolation.level',
  'sync.topic.acls.enabled',
] as const
type Settings = Readonly<Record<string, string>>

export interface Estate {
  readonly alias: { readonly source: string; readonly target: string }
  readonly topics: readonly string[]
  /** Apps that would be handed aborted records as real ones. */
  readonly readCommitted: readonly string[]
  /** As Kafka Connect says: `3.9.2`; the connectors are of its version. */
  readonly version: string | undefined
}

export interface Fault {
  readonly reason: 'offset-reset' | 'names' | 'alias' | 'topics' | 'isolation'
  readonly text: string
}

/** What is wrong with how the mirror is set up, worst first, and what is merely worth knowing. */
export function mirrorFaults(
  settings: Settings,
  estate: Estate,
  declared: { readonly from: 'earliest' | 'latest'; readonly isolation: 'as-apps' | 'any' },
): { readonly faults: readonly Fault[]; readonly notes: readonly string[] } {
  const faults: Fault[] = []
  const reset = settings['source.consumer.auto.offset.reset'] ?? settings['consumer.auto.offset.reset'] ?? 'earliest'
  if (reset === 'latest' && declared.from !== 'latest')
    faults.push({ reason: 'offset-reset', text: `reads from latest: ${lossOfLatest(estate.version)}` })
  if (reset !== 'latest' && reset !== 'earliest')
    faults.push({
      reason: 'offset-reset',
      text: `auto.offset.reset is ${reset}: a partition without a position stalls while everything shows RUNNING. Set source.consumer.auto.offset.reset to earliest`,
    })

  const policy = settings['replication.policy.class'] ?? 'DefaultReplicationPolicy'
  if (!policy.endsWith('IdentityReplicationPolicy'))
    faults.push({
      reason: 'names',
      text: `${policy.split('.').at(-1)} names topics on the target otherwise (${estate.alias.source}.${estate.topics[0]}), where no app reads them. Set replication.policy.class to org.apache.kafka.connect.mirror.IdentityReplicationPolicy before its first record`,
    })

  const [source, target] = [settings['source.cluster.alias'] ?? 'source', settings['target.cluster.alias'] ?? 'target']
  if (source !== estate.alias.source || target !== estate.alias.target)
    faults.push({
      reason: 'alias',
      text: `its aliases are ${source} and ${target}, migration.yaml says ${estate.alias.source} and ${estate.alias.target}: its positions would not be found`,
    })

  const left = estate.topics.filter((topic) => !isMirrored(topic, settings))
  if (left.length > 0)
    faults.push({
      reason: 'topics',
      text: `it leaves out ${left.slice(0, 3).join(', ')}${left.length > 3 ? ` and ${left.length - 3} more` : ''} (its topics: ${(settings.topics ?? '.*').slice(0, 60)})`,
    })

  const isolation = settings['source.consumer.isolation.level'] ?? settings['consumer.isolation.level']
  if (isolation !== 'read_committed' && declared.isolation === 'as-apps' && estate.readCommitted.length > 0)
    faults.push({
      reason: 'isolation',
      text: `it reads uncommitted, so what a transaction took back arrives as real for ${estate.readCommitted.slice(0, 3).join(', ')}. Set source.consumer.isolation.level to read_committed before its first record; later only a new mirror mends it`,
    })

  const ignored = Object.keys(settings).filter((key) => ignoredResets.has(key))
  return {
    faults,
    notes: [
      ...(reset === 'latest' && declared.from === 'latest' ? ['history is left behind, as declared (latest)'] : []),
      ...(ignored.length > 0 ? [`${ignored.join(', ')} is a spelling that MirrorMaker ignores in silence`] : []),
      ...(copiesRights(settings)
        ? [
            'its ACL sync is on: it brings rights on literal topics alone, drops ALLOW WRITE and makes ALLOW ALL a READ (acls-parity names what that is here); it copies a DENY too, so nothing can be fenced while it runs: set sync.topic.acls.enabled to false',
          ]
        : []),
    ],
  }
}

/** On by default. */
export const copiesRights = (settings: Settings): boolean => settings['sync.topic.acls.enabled'] !== 'false'

const ignoredResets = new Set([
  'consumer.override.auto.offset.reset',
  'source.cluster.auto.offset.reset',
  'source.cluster.consumer.auto.offset.reset',
])

/** Up to 3.6.1 the mirror seeks to offset 0, from 3.6.2 on it leaves new partitions to the setting (KAFKA-13988). */
export function lossOfLatest(version: string | undefined): string {
  const older = version !== undefined && isOlder(version, '3.6.2')
  const forced = version !== undefined && isOlder(version, '2.8.0')
  if (forced) return `MirrorMaker ${version} does not listen to it, a newer one would: set it to earliest`
  if (older)
    return `on MirrorMaker ${version} records are lost wherever the log start is above zero. Set source.consumer.auto.offset.reset to earliest, or declare from: latest`
  return `${version ? `on MirrorMaker ${version}` : 'from MirrorMaker 3.6.2 on'} all history is left out, and of every new partition what was written before the mirror saw it. Set source.consumer.auto.offset.reset to earliest, or declare from: latest`
}

/** `topics` and `topics.exclude` are lists of patterns that must match whole names (DefaultTopicFilter). */
export function isMirrored(topic: string, settings: Settings): boolean {
  const excluded = settings['topics.exclude'] ?? settings['topics.blacklist'] ?? '.*[\\-\\.]internal,.*\\.replica,__.*'
  return matches(topic, settings.topics ?? '.*') && !matches(topic, excluded)
}

/** A list of patterns of MirrorMaker: each must match the whole name. */
export const matches = (topic: string, list: string): boolean =>
  list
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
    .some((pattern) => new RegExp(`^(?:${pattern})$`).test(topic))
