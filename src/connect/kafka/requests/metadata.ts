import type { ClusterState, PartitionState } from '../types.js'
import type { Call } from './call.js'

/** Metadata v5, without creating topics. No topics asked: all that the user may see. */
export function metadata(
  topics: readonly string[] | null,
): Call<ClusterState & { errors: ReadonlyMap<string, number> }> {
  return {
    name: 'Metadata',
    apiKey: 3,
    apiVersion: 5,
    write: (body) => body.array(topics, (topic) => body.string(topic)).int8(0),
    read: (body) => {
      body.int32()
      const brokers = new Map<number, string>()
      body.array(() => {
        const id = body.int32()
        brokers.set(id, `${body.string()}:${body.int32()}`)
        body.nullableString()
      })
      body.nullableString()
      body.int32()
      const states = new Map<string, PartitionState[]>()
      const errors = new Map<string, number>()
      body.array(() => {
        const error = body.int16()
        const topic = body.string()
        body.int8()
        const partitions = body.array(() => {
          body.int16()
          const partition = body.int32()
          const leader = body.int32()
          const replicas = body.array(() => body.int32())
          const isr = body.array(() => body.int32())
          body.array(() => body.int32())
          return { partition, leader, replicas, isr }
        })
        if (error) errors.set(topic, error)
        states.set(
          topic,
          partitions.sort((a, b) => a.partition - b.partition),
        )
      })
      return { brokers, topics: states, errors }
    },
  }
}
