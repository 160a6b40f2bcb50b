import { isMirrored, matches } from './mirror-config.js'

/** What must be known of every connector of a worker to tell whether it meddles with a flow. */
export const meddlingSettings = [
  'connector.class',
  'topics',
  'topics.exclude',
  'topics.blacklist',
  'groups',
  'groups.exclude',
  'groups.blacklist',
  'sync.group.offsets.enabled',
] as const

export interface Connector {
  readonly connector: string
  readonly settings: Readonly<Record<string, string>>
}

/**
 * Why another connector of MirrorMaker is in the way of a flow; null: it is not. Two source connectors write each record twice. A
 * checkpoint connector moves a group as soon as it is empty, by offsets that it saw before the group was placed (seen with 3.9:
 * a group at 319 was put back to 116), also for topics that it does not mirror, since all of one worker share their offset syncs.
 */
export function meddles(
  { connector, settings }: Connector,
  flow: { readonly topics: readonly string[]; readonly groups: readonly string[] },
): string | null {
  const kind = settings['connector.class'] ?? ''
  if (kind.endsWith('MirrorSourceConnector')) {
    const topics = flow.topics.filter((topic) => isMirrored(topic, settings))
    return topics.length ? `${connector} brings ${some(topics)} too: name them in its topics.exclude` : null
  }
  if (!goesOnPaused(settings)) return null
  const excluded = settings['groups.exclude'] ?? settings['groups.blacklist'] ?? 'console-consumer-.*,connect-.*,__.*'
  const groups = flow.groups.filter((group) => matches(group, settings.groups ?? '.*') && !matches(group, excluded))
  return groups.length ? `${connector} moves the offsets of ${some(groups)} too: name them in its groups.exclude` : null
}

/** A checkpoint connector that syncs groups does so by a timer of its task, and a pause does not end the task (MirrorCheckpointTask from 2.7 on). */
export function goesOnPaused(settings: Connector['settings']): boolean {
  const isCheckpoint = settings['connector.class']?.endsWith('MirrorCheckpointConnector')
  return isCheckpoint === true && settings['sync.group.offsets.enabled'] === 'true'
}

const some = (names: readonly string[]): string =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
