import type { Connections } from './connections.js'
import { answered, isPassing, KafkaError, protocolError } from './errors.js'
import { metadata } from './requests/metadata.js'
import type { ClusterState, PartitionState } from './types.js'

/** What the cluster says of its brokers and of topics, remembered for a moment so that one need asks once. */
export interface Metadata {
  /** As of now, or at most `maxAgeMs` old. Throws for a topic that is not there. */
  of(topics: readonly string[], maxAgeMs: number): Promise<ClusterState>
  /** All topics that the user may see. */
  all(): Promise<ClusterState>
  /** Any broker that answers. */
  anyAddress(): Promise<string>
  /** Every broker of the cluster, as of now. */
  addresses(): Promise<readonly string[]>
  forget(): void
}

export function createMetadata(connections: Connections, bootstrap: readonly string[], now: () => number): Metadata {
  let brokers: ReadonlyMap<number, string> = new Map()
  const known = new Map<string, { partitions: readonly PartitionState[]; at: number }>()

  const addresses = () => [...new Set([...brokers.values(), ...bootstrap])]

  const ask = async (topics: readonly string[] | null) => {
    let failure: unknown
    for (const address of addresses()) {
      try {
        const answer = await connections.send(address, metadata(topics))
        brokers = answer.brokers
        return answer
      } catch (error) {
        failure = error
      }
    }
    throw failure instanceof Error ? failure : new KafkaError('unreachable', 'No broker to ask: bootstrap is empty')
  }

  return {
    async of(topics, maxAgeMs) {
      const oldest = now() - maxAgeMs
      const missing = topics.filter((topic) => !((known.get(topic)?.at ?? -1) >= oldest))
      if (missing.length > 0 || brokers.size === 0) {
        const answer = await ask(missing)
        // A topic without a leader is still there; its partitions say so themselves.
        for (const [topic, error] of answer.errors)
          if (!isPassing(error) || error === protocolError.unknownTopicOrPartition)
            throw answered(error, `Topic ${topic}`)
        for (const topic of missing) known.set(topic, { partitions: answer.topics.get(topic) ?? [], at: now() })
      }
      return { brokers, topics: new Map(topics.map((topic) => [topic, known.get(topic)?.partitions ?? []])) }
    },
    all: () => ask(null),
    async anyAddress() {
      if (brokers.size === 0) await ask([])
      const address = addresses()[0]
      if (!address) throw new KafkaError('unreachable', 'No broker to ask: bootstrap is empty')
      return address
    },
    async addresses() {
      await ask([])
      return [...brokers.values()]
    },
    forget: () => known.clear(),
  }
}
