import { type AclOperation, aclOperations } from '../types.js'
import type { Call } from './call.js'

export interface AnsweredRights {
  readonly cluster: readonly AclOperation[]
  readonly topics: readonly {
    readonly error: number
    readonly topic: string
    readonly may: readonly AclOperation[]
  }[]
}

/** Metadata v8 (KIP-430, Kafka 2.3): what the one who asks may do with the cluster and with each topic. */
export function ownRights(topics: readonly string[]): Call<AnsweredRights> {
  return {
    name: 'Metadata',
    apiKey: 3,
    apiVersion: 8,
    write: (body) =>
      body
        .array(topics, (topic) => body.string(topic))
        .int8(0)
        .int8(1)
        .int8(1),
    read: (body) => {
      body.int32()
      body.array(() => {
        body.int32()
        body.string()
        body.int32()
        body.nullableString()
      })
      body.nullableString()
      body.int32()
      const answered = body.array(() => {
        const error = body.int16()
        const topic = body.string()
        body.int8()
        body.array(() => {
          body.int16()
          body.int32()
          body.int32()
          body.int32()
          for (let list = 0; list < 3; list++) body.array(() => body.int32())
        })
        return { error, topic, may: operationsIn(body.int32()) }
      })
      return { cluster: operationsIn(body.int32()), topics: answered }
    },
  }
}

/** One bit for each operation, by its code, which begins at 2. */
function operationsIn(bits: number): readonly AclOperation[] {
  return aclOperations.filter((_, i) => (bits >>> (i + 2)) & 1)
}
