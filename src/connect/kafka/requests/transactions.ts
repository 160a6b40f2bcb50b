import type { TopicPartition } from '../types.js'
import type { Call } from './call.js'

/** A producer as the transaction coordinator knows it: its epoch grows with each takeover of its transactional id. */
export interface ProducerIdentity {
  readonly id: bigint
  readonly epoch: number
}

/** FindCoordinator v1 of a transactional id. */
export function findTransactionCoordinator(transactionalId: string): Call<{ error: number; address: string }> {
  return {
    name: 'FindCoordinator',
    apiKey: 10,
    apiVersion: 1,
    write: (body) => body.string(transactionalId).int8(1),
    read: (body) => {
      body.int32()
      const error = body.int16()
      body.nullableString()
      body.int32()
      return { error, address: `${body.string()}:${body.int32()}` }
    },
  }
}

/** InitProducerId v1: takes a transactional id over. */
export function initProducer(
  transactionalId: string,
  timeoutMs: number,
): Call<{ error: number; identity: ProducerIdentity }> {
  return {
    name: 'InitProducerId',
    apiKey: 22,
    apiVersion: 1,
    write: (body) => body.string(transactionalId).int32(timeoutMs),
    read: (body) => {
      body.int32()
      const error = body.int16()
      return { error, identity: { id: body.int64(), epoch: body.int16() } }
    },
  }
}

/** AddPartitionsToTxn v1 of one partition. */
export function addToTransaction(
  transactionalId: string,
  { id, epoch }: ProducerIdentity,
  { topic, partition }: TopicPartition,
): Call<{ error: number }> {
  return {
    name: 'AddPartitionsToTxn',
    apiKey: 24,
    apiVersion: 1,
    write: (body) =>
      body
        .string(transactionalId)
        .int64(id)
        .int16(epoch)
        .array([topic], (name) => body.string(name).array([partition], (one) => body.int32(one))),
    read: (body) => {
      body.int32()
      const errors = body.array(() => {
        body.string()
        return body.array(() => {
          body.int32()
          return body.int16()
        })
      })
      return { error: errors.flat().find((error) => error !== 0) ?? 0 }
    },
  }
}

/** EndTxn v1, committed. The markers are written a moment after the answer. */
export function commitTransaction(transactionalId: string, { id, epoch }: ProducerIdentity): Call<{ error: number }> {
  return {
    name: 'EndTxn',
    apiKey: 26,
    apiVersion: 1,
    write: (body) => body.string(transactionalId).int64(id).int16(epoch).int8(1),
    read: (body) => {
      body.int32()
      return { error: body.int16() }
    },
  }
}
