import type { Side } from '../config/migration.js'
import type { Kafka } from '../connect/kafka/kafka.js'
import type { Offsets } from '../connect/kafka/types.js'
import type { ReadingGroup } from '../proof/consumption.js'
import type { LagPoint, Samples } from './samples.js'

/** What a sample asks of one cluster. */
export type SampledKafka = Pick<Kafka, 'endOffsets' | 'committed' | 'describe'>

/** What one look saw. */
export interface Seen {
  readonly at: number
  readonly commits: ReadonlyMap<string, Offsets>
  readonly ends: Offsets
}

/**
 * One look at all groups of a side, put into their rings. Commits are read before the log ends, so that no lag is negative. `topics`:
 * whose log ends are wanted besides those that the groups read.
 */
export async function sample(
  kafka: SampledKafka,
  samples: Pick<Samples, 'push'>,
  side: Side,
  groups: readonly ReadingGroup[],
  now: number,
  topics: readonly string[] = [],
): Promise<Seen> {
  const names = groups.map(({ group }) => group)
  const [commits, states] = await Promise.all([kafka.committed(names), kafka.describe(names)])
  const ends = await kafka.endOffsets([...new Set([...topics, ...groups.flatMap((group) => group.topics)])])
  const lives = new Map(states.map(({ group, life }) => [group, life === 'unknown' ? null : life === 'live']))
  await Promise.all(
    groups.flatMap(({ group, topics }) =>
      topics.map((topic) =>
        samples.push(side, group, topic, pointOf(topic, ends, commits.get(group), lives.get(group) ?? null, now)),
      ),
    ),
  )
  return { at: now, commits, ends }
}

function pointOf(
  topic: string,
  ends: Offsets,
  commits: Offsets | undefined,
  live: boolean | null,
  at: number,
): LagPoint {
  const committed = commits?.get(topic)
  return {
    at,
    live,
    partitions: [...(ends.get(topic) ?? [])].map(([partition, end]) => ({
      partition,
      end,
      committed: committed?.get(partition) ?? null,
    })),
  }
}
