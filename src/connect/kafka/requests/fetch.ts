import type { TopicPartition } from '../types.js'
import { byTopic } from './by-topic.js'
import type { Call } from './call.js'

export interface FetchFrom extends TopicPartition {
  readonly from: bigint
}

export interface Fetched extends TopicPartition {
  readonly error: number
  readonly highWatermark: bigint
  readonly logStart: bigint
  /** Record batches as they lie in the log; the last may be cut short. */
  readonly bytes: Buffer
}

const heldMs = 500
const answerBytes = 16 * 1024 * 1024

/**
 * Fetch v11 (Kafka 2.3 and later; below v10 a broker refuses zstd), without a session, read uncommitted: all that lies in the
 * log is returned, control records and aborted data included.
 */
export function fetch(partitions: readonly FetchFrom[], partitionBytes: number): Call<Fetched[]> {
  return {
    name: 'Fetch',
    apiKey: 1,
    apiVersion: 11,
    heldMs,
    write: (body) =>
      body
        .int32(-1)
        .int32(heldMs)
        .int32(1)
        .int32(answerBytes)
        .int8(0)
        .int32(0)
        .int32(-1)
        .array(byTopic(partitions), ([topic, of]) =>
          body
            .string(topic)
            .array(of, ({ partition, from }) =>
              body.int32(partition).int32(-1).int64(from).int64(-1n).int32(partitionBytes),
            ),
        )
        .array([], () => undefined)
        .string(''),
    read: (body) => {
      body.int32()
      body.int16()
      body.int32()
      return body
        .array(() => {
          const topic = body.string()
          return body.array(() => {
            const partition = body.int32()
            const error = body.int16()
            const highWatermark = body.int64()
            body.int64()
            const logStart = body.int64()
            body.array(() => body.take(16))
            body.int32()
            return { topic, partition, error, highWatermark, logStart, bytes: body.bytes32() }
          })
        })
        .flat()
    },
  }
}
