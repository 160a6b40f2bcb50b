import type { ReadingGroup } from '../../src/proof/consumption.js'

/** How large an estate is. Every partition is read by one group, as each group reads whole topics. */
export interface Size {
  readonly topics: number
  readonly partitions: number
  readonly groups: number
}

export const topicsOf = ({ topics }: Size): readonly string[] => Array.from({ length: topics }, (_, i) => `topic-${i}`)

/** Every tenth topic of an estate of hundreds holds state. */
export const compactedOf = (size: Size): readonly string[] =>
  size.topics < 100 ? [] : topicsOf(size).filter((_, i) => i % 10 === 0)

export function groupsOf(size: Size): readonly ReadingGroup[] {
  return readersOf(size).map(({ name, group, consumes }) => ({
    group,
    apps: [name],
    topics: consumes,
    settleMs: 1000,
    autoCommits: false,
    isolation: 'read_committed',
  }))
}

/** As many apps write as read; each has a user of its own. */
export function readersOf(size: Size) {
  return shares(size).map((consumes, i) => ({ name: `app-${i}`, user: `app-${i}`, group: `group-${i}`, consumes }))
}

export function writersOf(size: Size) {
  return shares(size).map((produces, i) => ({ name: `writer-${i}`, user: `writer-${i}`, produces }))
}

function shares(size: Size): readonly (readonly string[])[] {
  const each = size.topics / size.groups
  const topics = topicsOf(size)
  return Array.from({ length: size.groups }, (_, i) => topics.slice(i * each, (i + 1) * each))
}
