import type { Connections } from './connections.js'
import { answered, isPassing, KafkaError, protocolError } from './errors.js'
import type { Metadata } from './metadata.js'
import { untilDone } from './patience.js'
import type { Call } from './requests/call.js'
import { describeConfigs } from './requests/configs.js'
import { type Answered, alterTopicConfigs, createPartitions, createTopics, findController } from './requests/topics.js'
import type { ConfigEntry, NewTopic } from './types.js'

/** What topics are like, and the few ways in which they are made and grown; nothing here takes a topic or a record away. */
export interface Topics {
  /** Every config of each topic that is there, effective values; a topic that is not there is left out. */
  configEntries(topics: readonly string[]): Promise<ReadonlyMap<string, readonly ConfigEntry[]>>
  /** Every config of each broker, by its id, secrets left out. */
  brokerEntries(): Promise<ReadonlyMap<number, readonly ConfigEntry[]>>
  /** A topic that is there already is left as it is. */
  createTopic(topic: NewTopic): Promise<void>
  /** Up to so many partitions; never fewer. */
  growTopic(topic: string, partitions: number): Promise<void>
  /** Sets the named overrides and leaves all others; null takes one away. Needs Kafka 2.3. */
  setTopicConfigs(topic: string, changes: Readonly<Record<string, string | null>>): Promise<void>
}

const perRequest = 200
/** An effect has to end in 4.5 s. */
const brokerWithinMs = 3000
const passingHere = new Set<number>([protocolError.requestTimedOut, protocolError.notController])

export function createTopicsApi(
  connections: Connections,
  metadata: Metadata,
  withinMs: number,
  now: () => number,
): Topics {
  /** Asks the controller, and again while it moves. */
  const askController = (call: Call<Answered[]>, isDone: (error: number) => boolean): Promise<void> =>
    untilDone(withinMs, now, async () => {
      const any = await metadata.anyAddress()
      const address = (await connections.send(any, findController())) ?? any
      const failed = (await connections.send(address, call)).find(({ error }) => error !== 0 && !isDone(error))
      if (!failed) return undefined
      const error = refusal(failed, call.name)
      if (passingHere.has(failed.error) || isPassing(failed.error)) return error
      throw error
    })

  return {
    async configEntries(topics) {
      const found = new Map<string, readonly ConfigEntry[]>()
      for (let from = 0; from < topics.length; from += perRequest)
        for (const { name, error, entries } of await metadata.anyone(
          describeConfigs('topic', topics.slice(from, from + perRequest)),
        )) {
          if (error === protocolError.unknownTopicOrPartition) continue
          if (error) throw answered(error, `The configs of topic ${name}`)
          found.set(name, entries)
        }
      return found
    },

    async brokerEntries() {
      const { brokers } = await metadata.of([], 0)
      return new Map(
        await Promise.all(
          [...brokers].map(async ([id, address]) => {
            const [one] = await connections.send(address, describeConfigs('broker', [String(id)]))
            if (one?.error) throw answered(one.error, `The configs of broker ${id}`)
            return [id, one?.entries ?? []] as const
          }),
        ),
      )
    },

    createTopic: (topic) =>
      askController(createTopics([topic], brokerWithinMs), (error) => error === protocolError.topicAlreadyExists),
    growTopic: (topic, partitions) => askController(createPartitions(topic, partitions, brokerWithinMs), () => false),

    async setTopicConfigs(topic, changes) {
      const [failed] = (await connections.send(await metadata.anyAddress(), alterTopicConfigs(topic, changes))).filter(
        ({ error }) => error !== 0,
      )
      if (failed) throw refusal(failed, 'IncrementalAlterConfigs')
    },
  }
}

function refusal({ name, error, message }: Answered, what: string): KafkaError {
  const known = answered(error, `${what} of topic ${name}`)
  return message && known.code === 'protocol'
    ? new KafkaError('protocol', `${what} of topic ${name}: ${message}`)
    : known
}
