import { Kafka, logLevel, Partitioners } from 'kafkajs'
import type { Ledger } from '../ledger/index.js'
import { messageOf, type Order } from './order.js'

const basket = 5

/** Orders that stood in the topics before anything ran: what a mirror finds when it is started. The apps carry them on into every other topic. */
export async function writeHistory(bootstrap: readonly string[], ledger: Ledger, count: number): Promise<void> {
  const kafka = new Kafka({ clientId: 'shop-history', brokers: [...bootstrap], logLevel: logLevel.NOTHING })
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  try {
    const first = await ledger.takeNumbers(count)
    const bornAtMs = Date.now()
    const orders = Array.from({ length: count }, (_, i): Order => ({ number: first + i, origin: 'history', bornAtMs }))
    // A basket at a time: one key, one broker (see roles/pass.ts for what kafkajs does to several).
    for (let i = 0; i < count; i += basket) {
      const messages = orders.slice(i, i + basket).map((order) => messageOf(order, `customer-${(i / basket) % 97}`))
      await producer.send({ topic: 'orders', messages, acks: -1 })
    }
    const atMs = Date.now()
    await ledger.recordAcks(orders.map(({ number }) => ({ number, app: 'history', side: 'source', atMs })))
  } finally {
    await producer.disconnect()
  }
}
