import type { TopicPartition } from '../types.js'
import { byTopic } from './by-topic.js'
import type { Call } from './call.js'

export interface ListedOffset extends TopicPartition {
  readonly error: number
  readonly offset: bigint
}

/** -1: the end, -2: the start of the log; else the first record of that time (epoch ms) or later. */
export type OffsetSpec = bigint

/** ListOffsets v2. Isolation 0 gives the high watermark as the end, 1 the last stable offset. */
export function listOffsets(
  partitions: readonly TopicPartition[],
  spec: OffsetSpec,
  isolation: 0 | 1,
): Call<ListedOffset[]> {
  return {
    name: 'ListOffsets',
    apiKey: 2,
    apiVersion: 2,
    write: (body) =>
      body
        .int32(-1)
        .int8(isolation)
        .array(byTopic(partitions), ([topic, of]) =>
          body.string(topic).array(of, ({ partition }) => body.int32(partition).int64(spec)),
        ),
    read: (body) => {
      body.int32()
      return body
        .array(() => {
          const topic = body.string()
          return body.array(() => {
            const partition = body.int32()
            const error = body.int16()
            body.int64()
            return { topic, partition, error, offset: body.int64() }
          })
        })
        .flat()
    },
  }
}
