import type { Kafka } from '../kafka/kafka.js'
import type { Batch } from '../kafka/types.js'
import type { ConnectorOffset } from './kafka-connect.js'

/**
 * What a source connector has delivered, read from the topic in which its workers keep it (`offset.storage.topic`), for where there is no
 * REST interface to ask: key `["CONNECTOR",{partition}]`, value `{offset}`, both JSON, the newest per key; a null value takes one back.
 */
export async function readConnectorOffsets(
  kafka: ReadsTopics,
  topic: string,
  connector: string,
): Promise<readonly ConnectorOffset[]> {
  const entries = await newestEntries(kafka, topic, connector)
  return [...entries.values()].flatMap(({ partition, offset }) => (offset ? [{ partition, offset }] : []))
}

/**
 * Writes offsets there as a worker would; a null offset takes one back. Workers find what they look for by the bytes of its key: where the
 * connector has one for that partition, it is that; else the order of the map's entries is taken over as it is given.
 * A writer that was paused before `stillMine` stops there, and one that was paused behind it is refused once a successor has written.
 */
export async function writeConnectorOffsets(
  kafka: ReadsTopics & Pick<Kafka, 'takeOverByKey'>,
  topic: string,
  connector: string,
  offsets: readonly ConnectorOffset[],
  { stillMine, now }: { stillMine: () => Promise<void>; now: () => number },
): Promise<void> {
  const writer = await kafka.takeOverByKey(`floodgate-offsets-${topic}-${connector}`, topic)
  const entries = await newestEntries(kafka, topic, connector)
  const records = offsets.map(({ partition, offset }) => ({
    timestamp: now(),
    key: entries.get(idOf(partition))?.key ?? Buffer.from(JSON.stringify([connector, partition])),
    value: offset && Buffer.from(JSON.stringify(offset)),
    headers: [],
  }))
  await stillMine()
  await writer.append(records)
}

type ReadsTopics = Pick<Kafka, 'startOffsets' | 'endOffsets' | 'scan'>
type Entry = ConnectorOffset & { readonly key: Buffer }

/** The newest word on each partition of a connector, those that were taken back too. */
async function newestEntries(
  kafka: ReadsTopics,
  topic: string,
  connector: string,
): Promise<ReadonlyMap<string, Entry>> {
  const [starts, ends] = await Promise.all([kafka.startOffsets([topic]), kafka.endOffsets([topic])])
  const ranges = [...(ends.get(topic) ?? [])].map(([partition, to]) => ({
    topic,
    partition,
    from: starts.get(topic)?.get(partition) ?? 0n,
    to,
  }))
  const newest = new Map<string, Entry>()
  // Workers of an exactly-once source write their offsets in transactions: only those count that were committed. A transaction ends in each
  // partition by itself, and a producer has one at a time in it. Its epoch tells nothing more: an end may wear a higher one (KIP-890, fencing).
  const open = new Map<string, Batch[]>()
  await kafka.scan(
    ranges.filter(({ from, to }) => from < to),
    ({ partition }, batch) => {
      const writer = `${partition}/${batch.producerId}`
      const held = open.get(writer) ?? []
      if (!batch.control && !batch.transactional) take(batch)
      else if (!batch.control) open.set(writer, [...held, batch])
      else {
        if (batch.control === 'commit') held.forEach(take)
        open.delete(writer)
      }
    },
  )
  return newest

  function take(batch: Batch): void {
    for (const { key, value } of batch.records()) {
      const [name, partition] = parsed(key) as [string, Record<string, unknown>]
      if (name !== connector || !key) continue
      newest.set(idOf(partition), { partition, key, offset: value && (parsed(value) as Record<string, unknown>) })
    }
  }
}

/** The order of a map's entries varies between workers. */
function idOf(partition: ConnectorOffset['partition']): string {
  return JSON.stringify(Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function parsed(bytes: Buffer | null): unknown {
  try {
    return JSON.parse(bytes?.toString() ?? '[]')
  } catch {
    return []
  }
}
