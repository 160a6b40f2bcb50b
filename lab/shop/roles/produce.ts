import { type Kafka, type Message, Partitioners } from 'kafkajs'
import type { Ledger } from '../../ledger/index.js'
import type { Topic } from '../estate.js'
import { messageOf, type Order } from '../order.js'
import type { Setting } from '../setting.js'
import type { Running } from './running.js'

const tickMs = 250
const numbersAtOnce = 100

/** A pure producer. Each order is acked by the broker first and written to the ledger then; an order whose send failed gets no second try, its number is spent. */
export async function produce(kafka: Kafka, ledger: Ledger, setting: Setting): Promise<Running> {
  const origin = setting.app.name as 'checkout' | 'stock'
  const topic = setting.app.writes[0] as Topic
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()

  let nextNumber = 0
  let numbersLeft = 0
  const takeNumber = async () => {
    if (numbersLeft === 0) {
      nextNumber = await ledger.takeNumbers(numbersAtOnce)
      numbersLeft = numbersAtOnce
    }
    numbersLeft -= 1
    return nextNumber++
  }

  /** One customer's basket: orders with one key, so that they share a partition and stay in order. */
  const sendBasket = async (size: number) => {
    const orders: Order[] = []
    for (let i = 0; i < size; i++) orders.push({ number: await takeNumber(), origin, bornAtMs: Date.now() })
    const key = `customer-${(orders[0]?.number ?? 0) % 97}`
    const messages: Message[] = orders.map((order) => messageOf(order, key))
    await producer.send({ topic, messages, acks: -1 })
    const atMs = Date.now()
    await ledger.recordAcks(orders.map(({ number }) => ({ number, app: origin, side: setting.side, atMs })))
  }

  await sendBasket(1)
  let stopping = false
  let wake = () => {}
  const ended = (async () => {
    let owed = 0
    let before = Date.now()
    while (!stopping) {
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, tickMs)
      })
      const now = Date.now()
      owed = Math.min(owed + ((now - before) / 1000) * setting.rate, 2 * setting.rate)
      before = now
      const size = Math.floor(owed)
      owed -= size
      if (size > 0 && !stopping) await sendBasket(size)
    }
  })()

  return {
    ended,
    stop: async () => {
      stopping = true
      wake()
      await ended
      await producer.disconnect()
    },
  }
}
