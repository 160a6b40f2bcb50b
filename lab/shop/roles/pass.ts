import { type Kafka, type Message, Partitioners, type PartitionMetadata } from 'kafkajs'
import type { Ledger } from '../../ledger/index.js'
import { partitions, type ShopApp, type Topic } from '../estate.js'
import { positionsAfter, type Slice } from '../gather.js'
import { orderIn, passedOn } from '../order.js'
import type { Setting } from '../setting.js'
import { consume } from './consume.js'
import type { Running } from './running.js'

/** Reads, passes on and commits its position in one transaction: exactly once. Runs as one replica, since kafkajs fences by transactional id alone. */
export async function pass(kafka: Kafka, ledger: Ledger, setting: Setting): Promise<Running> {
  const { app, side } = setting
  const producer = kafka.producer({
    transactionalId: app.name,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 10_000,
    createPartitioner: Partitioners.DefaultPartitioner,
    // A transaction may find the markers of the one before still being written: a matter of milliseconds.
    retry: { initialRetryTime: 20, maxRetryTime: 500, retries: Number.MAX_SAFE_INTEGER },
  })
  await producer.connect()
  // The first transaction takes the id over and ends what a killed predecessor left open, before the group's position is read.
  await (await producer.transaction()).abort()

  const running = await consume(kafka, app, async (slices) => {
    const transaction = await producer.transaction()
    // First, and again until the markers of the transaction before are written: it alone can be repeated without writing anything.
    const topics = byTopic(positionsAfter(slices))
    await onceReady(() => transaction.sendOffsets({ consumerGroupId: app.name, topics }))
    // One after the other: the coordinator refuses partitions that are announced while others are being written down.
    for (const records of onward(app, slices)) await transaction.send({ ...records, acks: -1 })
    await transaction.commit()
    if (app.tier === 'upstream') await ledger.recordAcks(acksOf(slices, app, side, Date.now()))
  })
  return {
    ended: running.ended,
    stop: async () => {
      await running.stop()
      await producer.disconnect()
    },
  }
}

/**
 * One send a partition, thus a broker. Of a send to several brokers kafkajs 2.2.4 repeats those still under way when one of them
 * answers with an error, under new sequence numbers, and they stand in the log twice (producer/sendMessages.js).
 */
function onward(app: ShopApp, slices: readonly Slice[]): { topic: string; messages: Message[] }[] {
  const sends = new Map<string, { topic: string; messages: Message[] }>()
  for (const { topic: from, messages } of slices)
    for (const topic of app.writes.filter((to) => goesTo(from as Topic, to)))
      for (const message of messages) {
        const key = String(message.key ?? `customer-${orderIn(message).number % 97}`)
        const onto = passedOn(message, key, app.name)
        const partition = partitionOf({ topic, partitionMetadata: everyPartition, message: onto })
        const send = sends.get(`${topic} ${partition}`) ?? { topic, messages: [] }
        send.messages.push({ ...onto, partition })
        sends.set(`${topic} ${partition}`, send)
      }
  return [...sends.values()]
}

const partitionOf = Partitioners.DefaultPartitioner()
const everyPartition: PartitionMetadata[] = Array.from({ length: partitions }, (_, partitionId) => ({
  partitionId,
  partitionErrorCode: 0,
  leader: 0, // of no concern to a key's partition
  replicas: [],
  isr: [],
}))

async function onceReady(begin: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await begin()
    } catch (error) {
      if ((error as { type?: string }).type !== 'CONCURRENT_TRANSACTIONS') throw error
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

/** A stock movement is shipped, not billed. */
function goesTo(from: Topic, to: Topic): boolean {
  return !(from === 'stock' && to === 'invoices')
}

function byTopic(positions: ReturnType<typeof positionsAfter>) {
  const topics = [...new Set(positions.map(({ topic }) => topic))]
  return topics.map((topic) => ({ topic, partitions: positions.filter((each) => each.topic === topic) }))
}

function acksOf(slices: readonly Slice[], app: ShopApp, side: string, atMs: number) {
  return slices.flatMap(({ messages }) =>
    messages.map((message) => ({ number: orderIn(message).number, app: app.name, side, atMs })),
  )
}
