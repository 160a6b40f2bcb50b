import { createRequire } from 'node:module'
import { Kafka, logLevel } from 'kafkajs'

/** A place in a partition. As a log end or a position: the offset of the record that comes next. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

/** What the floor must ask of a cluster, and kafkajs's public face cannot: true log ends, control records, commits without joining a group. */
export interface Wire {
  ends(topics: readonly string[]): Promise<Place[]>
  /** Where each partition's reader goes on; 0 where the group never committed. */
  positions(group: string, topics: readonly string[]): Promise<Place[]>
  commit(group: string, places: readonly Place[]): Promise<void>
  /** Data records from these places to the log ends: no control records, nothing that was aborted. */
  countFrom(places: readonly Place[]): Promise<number>
  isEmpty(group: string): Promise<boolean>
  close(): Promise<void>
}

interface Message {
  readonly offset: string
  readonly isControlRecord: boolean
}

/** The part of kafkajs 2.2.4's inner broker that is used here. */
interface Broker {
  listOffsets(request: object): Promise<{
    responses: { topic: string; partitions: { partition: number; offset: string }[] }[]
  }>
  offsetCommit(request: object): Promise<unknown>
  fetch(request: object): Promise<{
    responses: { partitions: { messages: Message[]; abortedTransactions: object[] | null }[] }[]
  }>
}

interface InnerCluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[]
  findBroker(wanted: { nodeId: number }): Promise<Broker>
  findGroupCoordinator(wanted: { groupId: string }): Promise<Broker>
}

const inner = createRequire(import.meta.url)
const Cluster = inner('kafkajs/src/cluster') as new (options: object) => InnerCluster
const createSocketFactory = inner('kafkajs/src/network/socketFactory') as () => unknown
const { createLogger } = inner('kafkajs/src/loggers') as { createLogger(options: object): unknown }
const withoutAborted = inner('kafkajs/src/consumer/filterAbortedMessages') as (given: object) => Message[]

const readUncommitted = 0
const readCommitted = 1
const latest = -1

export async function connectWire(bootstrap: readonly string[]): Promise<Wire> {
  const cluster = new Cluster({
    logger: createLogger({ level: 0, logCreator: () => () => {} }),
    socketFactory: createSocketFactory(),
    brokers: [...bootstrap],
    clientId: 'floor',
    connectionTimeout: 5_000,
    authenticationTimeout: 5_000,
    requestTimeout: 10_000,
    metadataMaxAge: 30_000,
    maxInFlightRequests: null,
    retry: { retries: 8 },
  })
  const admin = new Kafka({ clientId: 'floor', brokers: [...bootstrap], logLevel: logLevel.NOTHING }).admin()
  await Promise.all([cluster.connect(), admin.connect()])

  const leaderOf = (topic: string, partition: number) => {
    const found = cluster.findTopicPartitionMetadata(topic).find((each) => each.partitionId === partition)
    if (!found) throw new Error(`${topic}-${partition} has no leader on ${bootstrap}.`)
    return found.leader
  }

  async function ends(topics: readonly string[]): Promise<Place[]> {
    await cluster.addMultipleTargetTopics(topics)
    const asked = topics.flatMap((topic) =>
      cluster
        .findTopicPartitionMetadata(topic)
        .map(({ partitionId, leader }) => ({ topic, partition: partitionId, leader })),
    )
    const places = await Promise.all(
      [...new Set(asked.map((each) => each.leader))].map(async (nodeId) => {
        const broker = await cluster.findBroker({ nodeId })
        const { responses } = await broker.listOffsets({
          replicaId: -1,
          isolationLevel: readUncommitted,
          topics: topics.map((topic) => ({
            topic,
            partitions: asked
              .filter((each) => each.topic === topic && each.leader === nodeId)
              .map(({ partition }) => ({ partition, timestamp: latest })),
          })),
        })
        return responses.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) })),
        )
      }),
    )
    return places.flat().sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition)
  }

  /** Loops, since one fetch may end at a segment's end. */
  async function countIn(from: Place, end: bigint): Promise<number> {
    const { topic, partition } = from
    const broker = await cluster.findBroker({ nodeId: leaderOf(topic, partition) })
    let next = from.offset
    let count = 0
    while (next < end) {
      const asked = [{ topic, partitions: [{ partition, fetchOffset: String(next), maxBytes: 1_048_576 }] }]
      const request = { replicaId: -1, isolationLevel: readCommitted, maxWaitTime: 100, topics: asked }
      const answer = (await broker.fetch(request)).responses[0]?.partitions[0]
      const last = answer?.messages.at(-1)
      // An open transaction hides what is behind it: something is still there to come.
      if (!answer || !last) return count + 1
      const { messages, abortedTransactions } = answer
      const kept = withoutAborted({ messages, abortedTransactions: abortedTransactions ?? [] })
      count += kept.filter((each) => !each.isControlRecord && BigInt(each.offset) >= next).length
      next = BigInt(last.offset) + 1n
    }
    return count
  }

  return {
    ends,
    positions: async (group, topics) => {
      const found = await admin.fetchOffsets({ groupId: group, topics: [...topics] })
      return found.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => {
          const committed = BigInt(offset)
          return { topic, partition, offset: committed < 0n ? 0n : committed }
        }),
      )
    },
    commit: async (group, places) => {
      const coordinator = await cluster.findGroupCoordinator({ groupId: group })
      await coordinator.offsetCommit({
        groupId: group,
        groupGenerationId: -1, // from outside: refused while the group has a live member
        memberId: '',
        topics: [...new Set(places.map(({ topic }) => topic))].map((topic) => ({
          topic,
          partitions: places
            .filter((place) => place.topic === topic)
            .map(({ partition, offset }) => ({ partition, offset: String(offset) })),
        })),
      })
    },
    countFrom: async (places) => {
      const upTo = await ends([...new Set(places.map(({ topic }) => topic))])
      let count = 0
      for (const place of places) {
        const end = upTo.find((each) => each.topic === place.topic && each.partition === place.partition)
        count += await countIn(place, end?.offset ?? 0n)
      }
      return count
    },
    isEmpty: async (group) => {
      const { groups } = await admin.describeGroups([group])
      return groups.every(({ state }) => state === 'Empty' || state === 'Dead')
    },
    close: async () => {
      await Promise.all([cluster.disconnect(), admin.disconnect()])
    },
  }
}

export function samePlaces(a: readonly Place[], b: readonly Place[]): boolean {
  const written = (places: readonly Place[]) =>
    places
      .map(({ topic, partition, offset }) => `${topic}-${partition}@${offset}`)
      .sort()
      .join()
  return written(a) === written(b)
}
