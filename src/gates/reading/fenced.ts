import type { Migration } from '../../config/migration.js'

/** Topics that a fence may shut: the valve's stay open, since what it brought may have to be copied back while the apps are down. */
export function fencedTopics({ topics, valve }: Migration): readonly string[] {
  const open = valve.kind === 'none' ? [] : valve.topics
  return topics.filter((topic) => !open.includes(topic))
}
