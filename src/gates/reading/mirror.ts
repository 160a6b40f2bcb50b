import type { Migration } from '../../config/migration.js'
import type { Offsets, Range } from '../../connect/kafka/types.js'
import { eachPartition, higher, offsetOf } from '../../proof/offsets.js'
import { between } from '../../proof/ranges.js'
import type { Isolation } from '../../proof/tally.js'
import type { ConnectorOffsets, ConnectorSettings, Connectors, Ends, Scans, Starts } from './clients.js'
import { isAtRest } from './connector.js'
import { type Counted, countRecords } from './count.js'

export async function mirrorState(
  connect: Connectors,
  { mirror }: Migration,
): Promise<{ state: string; atRest: boolean }> {
  const status = await connect.status(mirror.source)
  return { state: status?.state ?? 'absent', atRest: isAtRest(status) }
}

/**
 * The next source offset that the mirror reads, per partition, from its Connect offsets: one above the last acknowledged. While
 * it runs they are as old as its last flush (`offset.flush.interval.ms`, 60 s by default); once it is stopped they are final.
 */
export async function mirrorPositions(connect: ConnectorOffsets, { mirror, topics }: Migration): Promise<Offsets> {
  const positions = new Map<string, Map<number, bigint>>(topics.map((topic) => [topic, new Map()]))
  for (const { partition, offset } of await connect.offsets(mirror.source)) {
    const of = partition.cluster === mirror.alias.source ? positions.get(String(partition.topic)) : undefined
    if (of && typeof offset?.offset === 'number') of.set(Number(partition.partition), BigInt(offset.offset) + 1n)
  }
  return positions
}

/** The same, where there may be no mirror yet: then it has begun nowhere. */
export async function begunPositions(connect: ConnectorOffsets & Connectors, migration: Migration): Promise<Offsets> {
  try {
    return await mirrorPositions(connect, migration)
  } catch (error) {
    // Kafka Connect older than 3.5 gives no offsets of a mirror that is there and may have begun.
    if ((error as { code?: unknown }).code !== 'unknown' || (await connect.status(migration.mirror.source))) throw error
    return new Map()
  }
}

/** What the mirror's consumer sees of transactions: all of them, aborted ones too, unless its settings say otherwise. */
export async function mirrorIsolation(connect: ConnectorSettings, { mirror }: Migration): Promise<Isolation> {
  const keys = ['consumer.isolation.level', 'source.consumer.isolation.level']
  const set = Object.values(await connect.settings(mirror.source, keys))
  return set.includes('read_committed') ? 'read_committed' : 'read_uncommitted'
}

/** What lies on the source from the given positions on: what the mirror has not brought. Partitions without a position count whole. */
export async function rangesAbove(
  source: Ends & Starts,
  positions: Offsets,
  topics: readonly string[],
): Promise<readonly Range[]> {
  const [starts, ends] = await Promise.all([source.startOffsets(topics), source.endOffsets(topics)])
  const from = new Map<string, Map<number, bigint>>()
  for (const { topic, partition, offset: start } of eachPartition(starts)) {
    const position = offsetOf(positions, { topic, partition }) ?? start
    from.set(topic, (from.get(topic) ?? new Map()).set(partition, higher(position, start)))
  }
  return between(from, ends)
}

/** The data records there. */
export async function countAbove(
  source: Ends & Starts & Scans,
  positions: Offsets,
  topics: readonly string[],
  isolation: Isolation,
): Promise<Counted[]> {
  return countRecords(source, await rangesAbove(source, positions, topics), isolation)
}

export function perTopic(counted: readonly Counted[]): Record<string, number> {
  const topics: Record<string, number> = {}
  for (const { range, records } of counted) if (records > 0) topics[range.topic] = (topics[range.topic] ?? 0) + records
  return topics
}
