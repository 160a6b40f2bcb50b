import type { Reader } from '../bytes.js'
import type { Offsets } from '../types.js'
import type { Call } from './call.js'

export interface Committed {
  readonly group: string
  readonly error: number
  readonly offsets: Offsets
  /** Partitions that answered with an error of their own, e.g. an open transaction that holds their commit. */
  readonly partitionErrors: readonly { topic: string; partition: number; error: number }[]
}

/** Since these versions OffsetFetch reads stable offsets only (KIP-447, Kafka 2.5), and many groups at once (KIP-709, Kafka 3.0). */
const stableSince = 7
const manySince = 8

/**
 * OffsetFetch of all topics of groups, at the best version that the broker speaks: one request for all of them or one for each.
 * v5 is what 2.4 has, where a transaction's pending commit cannot be told.
 */
export function fetchCommitted(groups: readonly string[], newest: number): readonly Call<readonly Committed[]>[] {
  if (newest >= manySince) return [ofMany(groups)]
  return groups.map((group) => ofOne(group, newest >= stableSince))
}

function ofMany(groups: readonly string[]): Call<readonly Committed[]> {
  return {
    name: 'OffsetFetch',
    apiKey: 9,
    apiVersion: manySince,
    flexible: true,
    write: (body) =>
      body
        .compactArray(groups, (group) =>
          body
            .compactString(group)
            .compactArray(null, () => undefined)
            .tags(),
        )
        .int8(1)
        .tags(),
    read: (body) => {
      body.int32()
      return body.compactArray(() => {
        const group = body.compactString()
        const topics = readTopics(body, true)
        const error = body.int16()
        body.tags()
        return { group, error, ...topics }
      })
    },
  }
}

function ofOne(group: string, stable: boolean): Call<readonly Committed[]> {
  return {
    name: 'OffsetFetch',
    apiKey: 9,
    apiVersion: stable ? stableSince : 5,
    flexible: stable,
    write: (body) => {
      if (stable)
        body
          .compactString(group)
          .compactArray(null, () => undefined)
          .int8(1)
          .tags()
      else body.string(group).array(null, () => undefined)
    },
    read: (body) => {
      body.int32()
      const topics = readTopics(body, stable)
      return [{ group, error: body.int16(), ...topics }]
    },
  }
}

function readTopics(body: Reader, flexible: boolean): Pick<Committed, 'offsets' | 'partitionErrors'> {
  const offsets = new Map<string, Map<number, bigint>>()
  const partitionErrors: { topic: string; partition: number; error: number }[] = []
  const array = <T>(read: () => T) => (flexible ? body.compactArray(read) : body.array(read))
  array(() => {
    const topic = flexible ? body.compactString() : body.string()
    const partitions = new Map<number, bigint>()
    array(() => {
      const partition = body.int32()
      const offset = body.int64()
      body.int32()
      if (flexible) body.compactString()
      else body.nullableString()
      const error = body.int16()
      if (flexible) body.tags()
      if (error) partitionErrors.push({ topic, partition, error })
      else if (offset >= 0n) partitions.set(partition, offset)
    })
    if (flexible) body.tags()
    offsets.set(topic, partitions)
  })
  return { offsets, partitionErrors }
}

export interface CommitAnswer {
  readonly group: string
  readonly partitions: readonly { topic: string; partition: number; error: number }[]
}

/** OffsetCommit v5 by nobody (generation -1, no member): only a group without members accepts it. */
export function commitOffsets(group: string, offsets: Offsets): Call<readonly CommitAnswer[]> {
  return {
    name: 'OffsetCommit',
    apiKey: 8,
    apiVersion: 5,
    write: (body) =>
      body
        .string(group)
        .int32(-1)
        .string('')
        .array([...offsets], ([topic, partitions]) =>
          body
            .string(topic)
            .array([...partitions], ([partition, offset]) => body.int32(partition).int64(offset).string('')),
        ),
    read: (body) => {
      body.int32()
      const partitions = body
        .array(() => {
          const topic = body.string()
          return body.array(() => ({ topic, partition: body.int32(), error: body.int16() }))
        })
        .flat()
      return [{ group, partitions }]
    },
  }
}

export interface FoundCoordinator {
  readonly group: string
  readonly error: number
  readonly address: string
}

/** FindCoordinator v1 of one consumer group. */
export function findCoordinator(group: string): Call<readonly FoundCoordinator[]> {
  return {
    name: 'FindCoordinator',
    apiKey: 10,
    apiVersion: 1,
    write: (body) => body.string(group).int8(0),
    read: (body) => {
      body.int32()
      const error = body.int16()
      body.nullableString()
      body.int32()
      return [{ group, error, address: `${body.string()}:${body.int32()}` }]
    },
  }
}

/** FindCoordinator v4 of many consumer groups (KIP-699, Kafka 3.0). */
export function findCoordinators(groups: readonly string[]): Call<readonly FoundCoordinator[]> {
  return {
    name: 'FindCoordinator',
    apiKey: 10,
    apiVersion: 4,
    flexible: true,
    write: (body) =>
      body
        .int8(0)
        .compactArray(groups, (group) => body.compactString(group))
        .tags(),
    read: (body) => {
      body.int32()
      return body.compactArray(() => {
        const group = body.compactString()
        body.int32()
        const address = `${body.compactString()}:${body.int32()}`
        const error = body.int16()
        body.compactString()
        body.tags()
        return { group, error, address }
      })
    },
  }
}
