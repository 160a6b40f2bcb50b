import type { Connections } from './connections.js'
import { answered, isPassing, KafkaError } from './errors.js'
import { append } from './maps.js'
import type { Metadata } from './metadata.js'
import { untilDone } from './patience.js'
import { type EndOf, listOffsets, type OffsetSpec } from './requests/list-offsets.js'
import type { Offsets, TopicPartition } from './types.js'

export type ListOffsets = (topics: readonly string[], spec: OffsetSpec, end: EndOf) => Promise<Offsets>

const metadataMaxAgeMs = 5000

/** One ListOffsets request per broker for every partition of the topics; a new leader is looked up and asked again. */
export function createListOffsets(
  connections: Connections,
  metadata: Metadata,
  withinMs: number,
  now: () => number,
): ListOffsets {
  return async (topics, spec, end) => {
    const found = new Map<string, Map<number, bigint>>(topics.map((topic) => [topic, new Map()]))
    let maxAgeMs = metadataMaxAgeMs
    await untilDone(withinMs, now, async () => {
      const { left, leaderless } = await missing(topics, maxAgeMs)
      let passing: KafkaError | undefined = leaderless
      maxAgeMs = 0
      await Promise.all(
        [...left].map(async ([address, partitions]) => {
          for (const { topic, partition, error, offset } of await connections.send(
            address,
            listOffsets(partitions, spec, end),
          )) {
            if (error && !isPassing(error)) throw answered(error, `End of ${topic}-${partition}`)
            if (error) passing = answered(error, `End of ${topic}-${partition}`)
            else found.get(topic)?.set(partition, offset)
          }
        }),
      )
      return passing
    })
    return found

    async function missing(of: readonly string[], ageMs: number) {
      const { brokers, topics: states } = await metadata.of(of, ageMs)
      const left = new Map<string, TopicPartition[]>()
      let leaderless: KafkaError | undefined
      for (const [topic, partitions] of states)
        for (const { partition, leader } of partitions) {
          if (found.get(topic)?.has(partition)) continue
          const address = brokers.get(leader)
          if (address) append(left, address, { topic, partition })
          else
            leaderless = new KafkaError(
              'no-leader',
              `${topic}-${partition} has no leader. Look at the brokers before going on`,
            )
        }
      return { left, leaderless }
    }
  }
}
