import type { NewTopic } from '../types.js'
import type { Call } from './call.js'

export interface Answered {
  readonly name: string
  readonly error: number
  readonly message: string | null
}

/** CreateTopics v2, the oldest that 4.x speaks. */
export function createTopics(topics: readonly NewTopic[], timeoutMs: number): Call<Answered[]> {
  return {
    name: 'CreateTopics',
    apiKey: 19,
    apiVersion: 2,
    heldMs: timeoutMs,
    write: (body) =>
      body
        .array(topics, ({ topic, partitions, replicas, configs }) =>
          body
            .string(topic)
            .int32(partitions)
            .int16(replicas)
            .array([], () => undefined)
            .array(Object.entries(configs), ([key, value]) => body.string(key).string(value)),
        )
        .int32(timeoutMs)
        .int8(0),
    read: (body) => {
      body.int32()
      return body.array(() => ({ name: body.string(), error: body.int16(), message: body.nullableString() }))
    },
  }
}

/** CreatePartitions v1: up to `count`; brokers choose where the new ones lie. */
export function createPartitions(topic: string, count: number, timeoutMs: number): Call<Answered[]> {
  return {
    name: 'CreatePartitions',
    apiKey: 37,
    apiVersion: 1,
    heldMs: timeoutMs,
    write: (body) =>
      body
        .array([topic], (name) =>
          body
            .string(name)
            .int32(count)
            .array(null, () => undefined),
        )
        .int32(timeoutMs)
        .int8(0),
    read: (body) => {
      body.int32()
      return body.array(() => ({ name: body.string(), error: body.int16(), message: body.nullableString() }))
    },
  }
}

/** IncrementalAlterConfigs v0 (KIP-339, Kafka 2.3): only the keys named; null takes the topic's own override away. */
export function alterTopicConfigs(topic: string, changes: Readonly<Record<string, string | null>>): Call<Answered[]> {
  return {
    name: 'IncrementalAlterConfigs',
    apiKey: 44,
    apiVersion: 0,
    write: (body) =>
      body
        .array([topic], (name) =>
          body
            .int8(2)
            .string(name)
            .array(Object.entries(changes), ([key, value]) =>
              body
                .string(key)
                .int8(value === null ? 1 : 0)
                .string(value),
            ),
        )
        .int8(0),
    read: (body) => {
      body.int32()
      return body.array(() => {
        const error = body.int16()
        const message = body.nullableString()
        body.int8()
        return { name: body.string(), error, message }
      })
    },
  }
}

/** The controller's address by Metadata v5 without topics: before KRaft nobody else makes topics. */
export function findController(): Call<string | undefined> {
  return {
    name: 'Metadata',
    apiKey: 3,
    apiVersion: 5,
    write: (body) => body.array([], () => undefined).int8(0),
    read: (body) => {
      body.int32()
      const brokers = new Map<number, string>()
      body.array(() => {
        const id = body.int32()
        brokers.set(id, `${body.string()}:${body.int32()}`)
        body.nullableString()
      })
      body.nullableString()
      return brokers.get(body.int32())
    },
  }
}
