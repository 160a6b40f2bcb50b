import murmur2 from 'kafkajs/src/producer/partitioners/default/murmur2.js'
import type { Connections } from './connections.js'
import { answered, isPassing, KafkaError, protocolError } from './errors.js'
import type { Metadata } from './metadata.js'
import { untilDone } from './patience.js'
import { encodeBatch, sizeOf } from './record-batch.js'
import type { Call } from './requests/call.js'
import { produce } from './requests/produce.js'
import {
  addToTransaction,
  commitTransaction,
  findTransactionCoordinator,
  initProducer,
  type ProducerIdentity,
} from './requests/transactions.js'
import type { Scan } from './scan.js'
import type { NewRecord, Offsets, TopicPartition } from './types.js'

export interface Writes {
  /**
   * Takes one partition over for writing under a name. When it returns, whatever an earlier holder of the name had sent lies in
   * the log or never will: a replica that was killed or paused cannot add to it any more.
   */
  takeOver(name: string, partition: TopicPartition): Promise<RecordWriter>
  /**
   * The same of a whole topic, each record in the partition where Java's producer puts its key. An earlier holder can add nothing to a
   * partition once this one has written there; until then it can. Nothing else than the records is written: a worker of Kafka Connect
   * before 3.2 waits without end behind a marker that is the last of a topic of its own (KAFKA-12980).
   */
  takeOverByKey(name: string, topic: string): Promise<RecordWriter>
}

export interface RecordWriter {
  /** Behind each other in the given order, each once. After an error the partition must be taken over anew, and looked at. */
  append(records: readonly NewRecord[]): Promise<void>
}

const transactionWithinMs = 10_000
const batchBytes = 256 * 1024

export function createWrites(
  connections: Connections,
  metadata: Metadata,
  endOffsets: (topics: readonly string[]) => Promise<Offsets>,
  scan: Scan,
  withinMs: number,
  now: () => number,
): Writes {
  return {
    async takeOver(name, partition) {
      const coordinator = await coordinatorOf(name)
      const what = `Taking over ${nameOf(partition)}`
      const { identity } = await patiently(coordinator, initProducer(name, transactionWithinMs), what)
      // The coordinator fences other epochs at once, a partition's leader only when it has seen the new one. Records in a
      // transaction would stay behind aborted when we are killed, and real to whoever reads uncommitted, MirrorMaker included. So
      // an empty transaction carries the epoch there by its marker, and the records are written outside of it.
      const before = (await endOffsets([partition.topic])).get(partition.topic)?.get(partition.partition) ?? 0n
      await patiently(coordinator, addToTransaction(name, identity, partition), what)
      await patiently(coordinator, commitTransaction(name, identity), what)
      await markerSeen(partition, before, identity)
      return writer(partition, identity)
    },
    async takeOverByKey(name, topic) {
      const what = `Taking over ${topic}`
      const { identity } = await patiently(await coordinatorOf(name), initProducer(name, transactionWithinMs), what)
      const writers = new Map<number, RecordWriter>()
      return {
        async append(records) {
          const { length } = (await metadata.of([topic], 0)).topics.get(topic) ?? []
          if (!length) throw new KafkaError('no-leader', `${topic} has no partition, so it cannot be written`)
          for (const record of records) {
            const partition = partitionOf(record.key, length)
            const known = writers.get(partition) ?? writer({ topic, partition }, identity)
            writers.set(partition, known)
            await known.append([record])
          }
        },
      }
    },
  }

  function writer(partition: TopicPartition, identity: ProducerIdentity): RecordWriter {
    let sequence = 0
    return {
      async append(records) {
        for (const batch of inBatches(records)) {
          const bytes = encodeBatch(batch, identity, sequence)
          sequence += batch.length
          const error = await connections.send(await leaderOf(partition), produce([partition], bytes))
          if (error) throw answered(error, `Writing ${nameOf(partition)}`)
        }
      },
    }
  }

  async function leaderOf({ topic, partition }: TopicPartition): Promise<string> {
    const { brokers, topics } = await metadata.of([topic], 5000)
    const leader = topics.get(topic)?.find((one) => one.partition === partition)?.leader ?? -1
    const address = brokers.get(leader)
    if (!address) throw new KafkaError('no-leader', `${topic}-${partition} has no leader, so it cannot be written`)
    return address
  }

  async function coordinatorOf(name: string): Promise<string> {
    const what = `The transaction coordinator of ${name}`
    const { address } = await patiently(await metadata.anyAddress(), findTransactionCoordinator(name), what)
    return address
  }

  async function patiently<T extends { error: number }>(address: string, call: Call<T>, what: string): Promise<T> {
    let answer: T | undefined
    await untilDone(withinMs, now, async () => {
      const got = await connections.send(address, call)
      if (!got.error) answer = got
      else if (!isPassing(got.error) && got.error !== protocolError.concurrentTransactions)
        throw answered(got.error, what)
      return got.error ? answered(got.error, what) : undefined
    })
    return answer!
  }

  async function markerSeen(partition: TopicPartition, from: bigint, { id, epoch }: ProducerIdentity): Promise<void> {
    await untilDone(withinMs, now, async () => {
      const to = (await endOffsets([partition.topic])).get(partition.topic)?.get(partition.partition) ?? from
      let seen = false
      await scan([{ ...partition, from, to }], (_, batch) => {
        seen ||= batch.control !== undefined && batch.producerId === id && batch.producerEpoch === epoch
      })
      return seen ? undefined : new KafkaError('timed-out', `${nameOf(partition)} was not taken over in time`)
    })
  }
}

/** By its hash, as Java's producer does it from the first version on. */
function partitionOf(key: Buffer | null, partitions: number): number {
  return (murmur2(key ?? Buffer.alloc(0)) & 0x7fffffff) % partitions
}

function* inBatches(records: readonly NewRecord[]): Generator<readonly NewRecord[]> {
  let batch: NewRecord[] = []
  let bytes = 0
  for (const record of records) {
    const size = sizeOf(record)
    if (batch.length > 0 && bytes + size > batchBytes) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(record)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
