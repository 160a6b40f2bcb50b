import type { Kafka } from '../kafka/kafka.js'
import type { Batch } from '../kafka/types.js'
import type { ConnectorOffset } from './kafka-connect.js'

/**
 * What a source connector has delivered, read from the topic in which its workers keep it (`offset.storage.topic`), for where there is no
 * REST interface to ask: key `["CONNECTOR",{partition}]`, value `{offset}`, both JSON, the newest per key; a null value takes one back.
 */
export async function readConnectorOffsets(
  kafka: Pick<Kafka, 'startOffsets' | 'endOffsets' | 'scan'>,
  topic: string,
  connector: string,
): Promise<readonly ConnectorOffset[]> {
  const [starts, ends] = await Promise.all([kafka.startOffsets([topic]), kafka.endOffsets([topic])])
  const ranges = [...(ends.get(topic) ?? [])].map(([partition, to]) => ({
    topic,
    partition,
    from: starts.get(topic)?.get(partition) ?? 0n,
    to,
  }))
  const newest = new Map<string, ConnectorOffset>()
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
  return [...newest.values()]

  function take(batch: Batch): void {
    for (const { key, value } of batch.records()) {
      const [name, partition] = parsed(key) as [string, Record<string, unknown>]
      if (name !== connector) continue
      // The order of a map's entries varies between workers.
      const id = JSON.stringify(Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1)))
      if (value === null) newest.delete(id)
      else newest.set(id, { partition, offset: parsed(value) as Record<string, unknown> })
    }
  }
}

function parsed(bytes: Buffer | null): unknown {
  try {
    return JSON.parse(bytes?.toString() ?? '[]')
  } catch {
    return []
  }
}
