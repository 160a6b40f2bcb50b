import type { TopicPartition } from '../types.js'
import type { Call } from './call.js'

export interface ReplicaSize extends TopicPartition {
  readonly bytes: bigint
}

export interface LogDir {
  readonly error: number
  readonly replicas: readonly ReplicaSize[]
}

/** DescribeLogDirs v1: what the replicas on one broker take on its disks. */
export function describeLogDirs(
  topics: readonly (readonly [topic: string, partitions: readonly number[]])[],
): Call<LogDir[]> {
  return {
    name: 'DescribeLogDirs',
    apiKey: 35,
    apiVersion: 1,
    write: (body) =>
      body.array(topics, ([topic, partitions]) =>
        body.string(topic).array(partitions, (partition) => body.int32(partition)),
      ),
    read: (body) => {
      body.int32()
      return body.array(() => {
        const error = body.int16()
        body.string()
        const replicas = body
          .array(() => {
            const topic = body.string()
            return body.array(() => {
              const partition = body.int32()
              const bytes = body.int64()
              body.int64()
              const isFuture = body.int8() !== 0
              return isFuture ? [] : [{ topic, partition, bytes }]
            })
          })
          .flat(2)
        return { error, replicas }
      })
    },
  }
}
