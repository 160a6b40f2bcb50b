import type { Connections } from './connections.js'
import { answered, KafkaError } from './errors.js'
import type { Metadata } from './metadata.js'
import { describeLogDirs } from './requests/log-dirs.js'
import type { Offsets } from './types.js'

export interface Sizes {
  /** Bytes on disk of every partition, as its largest replica has them; compressed as they lie there. Needs DESCRIBE on the cluster. Throws for a partition with a leader whose size nobody says. */
  sizes(topics: readonly string[]): Promise<Offsets>
}

const metadataMaxAgeMs = 5000

export function createSizes(connections: Connections, metadata: Metadata): Sizes {
  return {
    async sizes(topics) {
      const { brokers, topics: states } = await metadata.of(topics, metadataMaxAgeMs)
      const asked = [...states].map(([topic, partitions]) => [topic, partitions.map((one) => one.partition)] as const)
      const found = new Map<string, Map<number, bigint>>(topics.map((topic) => [topic, new Map()]))
      await Promise.all(
        [...brokers.values()].map(async (address) => {
          for (const { error, replicas } of await connections.send(address, describeLogDirs(asked))) {
            if (error) throw answered(error, `The size of topics on broker ${address}`)
            for (const { topic, partition, bytes } of replicas) {
              const of = found.get(topic)
              if (of && bytes > (of.get(partition) ?? -1n)) of.set(partition, bytes)
            }
          }
        }),
      )
      // Brokers answer nothing at all, and no error, to a user without the right.
      for (const [topic, partitions] of states)
        for (const { partition, leader } of partitions)
          if (leader >= 0 && !found.get(topic)?.has(partition))
            throw new KafkaError(
              'unreadable',
              `No broker says the size of ${topic}-${partition}. Give the bot's user DESCRIBE on the cluster; for a new topic look again`,
            )
      return found
    },
  }
}
