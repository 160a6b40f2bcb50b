import type { TopicPartition } from '../types.js'
import type { Call } from './call.js'

const ackedWithinMs = 4000

/** Produce v7 (Kafka 2.1 and later) of one batch, acknowledged by all in-sync replicas. */
export function produce({ topic, partition }: TopicPartition, batch: Buffer): Call<{ error: number; offset: bigint }> {
  return {
    name: 'Produce',
    apiKey: 0,
    apiVersion: 7,
    write: (body) =>
      body
        .string(null)
        .int16(-1)
        .int32(ackedWithinMs)
        .array([topic], (name) =>
          body.string(name).array([partition], (one) => body.int32(one).int32(batch.length).raw(batch)),
        ),
    read: (body) => {
      const [answer] = body
        .array(() => {
          body.string()
          return body.array(() => {
            body.int32()
            const error = body.int16()
            const offset = body.int64()
            body.int64()
            body.int64()
            return { error, offset }
          })
        })
        .flat()
      if (!answer) throw new RangeError('no partition in the answer')
      return answer
    },
  }
}
