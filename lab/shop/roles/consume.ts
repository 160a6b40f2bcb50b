import type { Kafka } from 'kafkajs'
import type { ShopApp } from '../estate.js'
import { createGather, type Slice } from '../gather.js'
import type { Running } from './running.js'

const heartbeatMs = 2_000
const commitTries = 20
const betweenTriesMs = 250

/**
 * Reads the app's topics in its group and hands over what came, several partitions at once. `carry` itself makes the positions
 * last (a transaction or a commit). When it fails the process ends and its successor starts at the last position.
 */
export async function consume(kafka: Kafka, app: ShopApp, carry: Carry): Promise<Running> {
  const consumer = kafka.consumer({
    groupId: app.name,
    sessionTimeout: 15_000,
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: 200,
    minBytes: 64 * 1024, // more than ever comes: so a fetch gathers 200 ms of records, which keeps two cores free for the rest
    retry: { retries: 8 },
  })
  let broke: (reason: unknown) => void = () => {}
  const ended = new Promise<void>((_, reject) => {
    broke = reject
  })
  ended.catch(() => {})
  // With `restart` it joins again by itself and starts at the last position: a coordinator still loading, a broker gone for a while.
  consumer.on('consumer.crash', ({ payload }) => payload.restart || broke(payload.error))
  const joined = new Promise<void>((resolve) => {
    consumer.on('consumer.group_join', () => resolve())
  })
  const commit: Commit = (positions) => patiently(() => consumer.commitOffsets(positions))
  const gather = createGather(async (slices) => {
    try {
      await carry(slices, commit)
    } catch (error) {
      broke(error)
      // Never answered: nothing may be read on behind a slice that was not carried.
      await new Promise(() => {})
    }
  })

  await consumer.connect()
  await consumer.subscribe({ topics: [...app.reads], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 12,
    eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
      const { topic, partition, messages } = batch
      // A transaction may take long on a busy machine, and the group must not think us dead meanwhile. What a heartbeat has to say
      // is said again by the next one, below.
      const beating = setInterval(() => void heartbeat().catch(() => {}), heartbeatMs)
      await gather.add({ topic, partition, messages }).finally(() => clearInterval(beating))
      const last = messages.at(-1)
      if (last) resolveOffset(last.offset)
      await heartbeat()
    },
  })
  await Promise.race([joined, ended])
  return { ended, stop: () => consumer.disconnect() }
}

/** A coordinator that moves, or a group that is rejoined, refuses a commit for a moment; ending for that would book twice. */
async function patiently(commit: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await commit()
    } catch (error) {
      if (tries === commitTries) throw error
      await new Promise((resolve) => setTimeout(resolve, betweenTriesMs))
    }
  }
}

export type Commit = (positions: { topic: string; partition: number; offset: string }[]) => Promise<void>
export type Carry = (slices: readonly Slice[], commit: Commit) => Promise<void>
