import type { Connections } from './connections.js'
import { answered, isPassing, KafkaError, protocolError } from './errors.js'
import type { Call } from './requests/call.js'
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
  /** What every broker can say alike, of the first that says it. */
  anyone<T>(call: Call<T>): Promise<T>
  forget(): void
}

export function createMetadata(connections: Connections, bootstrap: readonly string[], now: () => number): Metadata {
  let brokers: ReadonlyMap<number, string> = new Map()
  const known = new Map<string, { partitions: readonly PartitionState[]; at: number }>()

  /** Asked last, so that one silent broker does not hold up every question. */
  let silent = ''

  const addresses = () => {
    const all = new Set([...brokers.values(), ...bootstrap])
    if (all.delete(silent)) all.add(silent)
    return [...all]
  }

  const anyone = async <T>(call: Call<T>): Promise<T> => {
    let failure: unknown
    for (const address of addresses()) {
      try {
        return await connections.send(address, call)
      } catch (error) {
        failure = error
        silent = address
      }
    }
    throw failure instanceof Error ? failure : new KafkaError('unreachable', 'No broker to ask: bootstrap is empty')
  }

  const ask = async (topics: readonly string[] | null) => {
    const answer = await anyone(metadata(topics))
    brokers = answer.brokers
    return answer
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
    anyone,
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
