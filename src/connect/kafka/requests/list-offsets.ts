import type { TopicPartition } from '../types.js'
import { byTopic } from './by-topic.js'
import type { Call } from './call.js'

export interface ListedOffset extends TopicPartition {
  readonly error: number
  readonly offset: bigint
}

/** -1: the end, -2: the start of the log; else the first record of that time (epoch ms) or later. */
export type OffsetSpec = bigint

/**
 * What counts as the end. `log`: all that the leader holds, as it tells its followers; `visible`: the high watermark, which stays behind by what
 * a slow follower has not copied yet, acknowledged (acks=1) or not; `stable`: below it no transaction is open.
 */
export type EndOf = 'log' | 'visible' | 'stable'

const reader = -1
/** No broker has it. Whoever asks as a replica is answered by the leader alone, and up to the end of its log. */
const replica = 2 ** 31 - 1

/** ListOffsets v2. */
export function listOffsets(partitions: readonly TopicPartition[], spec: OffsetSpec, end: EndOf): Call<ListedOffset[]> {
  return {
    name: 'ListOffsets',
    apiKey: 2,
    apiVersion: 2,
    write: (body) =>
      body
        .int32(end === 'log' ? replica : reader)
        .int8(end === 'stable' ? 1 : 0)
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
