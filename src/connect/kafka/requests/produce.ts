import type { TopicPartition } from '../types.js'
import { byTopic } from './by-topic.js'
import type { Call } from './call.js'

const ackedWithinMs = 4000

/** Produce v7 (Kafka 2.1 and later) of the same batch to each partition, acknowledged by all in-sync replicas: the first error, or 0. */
export function produce(partitions: readonly TopicPartition[], batch: Buffer): Call<number> {
  return {
    name: 'Produce',
    apiKey: 0,
    apiVersion: 7,
    write: (body) =>
      body
        .string(null)
        .int16(-1)
        .int32(ackedWithinMs)
        .array(byTopic(partitions), ([topic, of]) =>
          body.string(topic).array(of, ({ partition }) => body.int32(partition).int32(batch.length).raw(batch)),
        ),
    read: (body) => {
      const errors = body
        .array(() => {
          body.string()
          return body.array(() => {
            body.int32()
            const error = body.int16()
            body.int64()
            body.int64()
            body.int64()
            return error
          })
        })
        .flat()
      if (errors.length < partitions.length) throw new RangeError('not every partition is in the answer')
      return errors.find((error) => error !== 0) ?? 0
    },
  }
}
