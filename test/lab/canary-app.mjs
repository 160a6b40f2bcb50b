// A flow of one topic with a book of its own: `ping` writes numbers, `pong` reads them. What either did stands in BOOK.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'

const { BOOTSTRAP, BOOK, SIDE, HOSTNAME } = process.env
const [role, topic] = process.argv.slice(2)
const kafka = new Kafka({ clientId: `canary-${role}`, brokers: BOOTSTRAP.split(','), logLevel: logLevel.NOTHING })
const note = (book, lines) => appendFileSync(join(BOOK, book), lines.map((line) => `${line}\n`).join(''))
let stopping = false
process.on('SIGTERM', () => {
  stopping = true
  stop().then(() => process.exit(0))
})
const stop = await { ping, pong }[role]()
console.log('ready')

async function ping() {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const writing = (async () => {
    for (let i = 0; !stopping; i++) {
      const value = `${SIDE}-${HOSTNAME ?? process.pid}-${process.pid}-${i}`
      await producer.send({ topic, acks: -1, messages: [{ key: `${i % 7}`, value }] })
      note('sent', [value])
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  return async () => {
    await writing
    await producer.disconnect()
  }
}

async function pong() {
  const consumer = kafka.consumer({ groupId: 'canary-pong', sessionTimeout: 10_000 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { messages, partition } }) => {
      note(
        'read',
        messages.map(({ value }) => value.toString()),
      )
      await consumer.commitOffsets([{ topic, partition, offset: `${BigInt(messages.at(-1).offset) + 1n}` }])
    },
  })
  return () => consumer.disconnect()
}
