import type { ReadingGroup } from '../../src/proof/consumption.js'

/** How large an estate is. Every partition is read by one group, as each group reads whole topics. */
export interface Size {
  readonly topics: number
  readonly partitions: number
  readonly groups: number
}

export const topicsOf = ({ topics }: Size): readonly string[] => Array.from({ length: topics }, (_, i) => `topic-${i}`)

export function groupsOf(size: Size): readonly ReadingGroup[] {
  const each = size.topics / size.groups
  const topics = topicsOf(size)
  return Array.from({ length: size.groups }, (_, i) => ({
    group: `group-${i}`,
    apps: [`app-${i}`],
    topics: topics.slice(i * each, (i + 1) * each),
    settleMs: 1000,
    autoCommits: false,
    isolation: 'read_committed',
  }))
}
