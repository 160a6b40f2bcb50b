import type { Kafka, KafkaMessage } from 'kafkajs'
import type { Part } from '../types.js'

/** Adds up what it reads and writes the sum each time that its time has come, whether or not a record has. */
export async function punctuator(
  kafka: Kafka,
  group: string,
  from: string,
  to: string,
  everyMs: number,
): Promise<Part> {
  let sum = 0
  let written = 0
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 })
  const producer = kafka.producer()
  await Promise.all([consumer.connect(), producer.connect()])
  await consumer.subscribe({ topics: [from], fromBeginning: true })
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async () => {
      sum += 1
    },
  })
  const timer = setInterval(() => {
    if (sum === written) return
    written = sum
    void producer.send({ topic: to, messages: [{ key: 'sum', value: String(sum) }] }).catch(() => {})
  }, everyMs)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all([consumer.disconnect(), producer.disconnect()])
    },
  }
}

/** Writes each record to the topic that it came from in the first place, when it has lain here for so long. */
export async function retrier(kafka: Kafka, group: string, from: string, to: string, dueMs: number): Promise<Part> {
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100, sessionTimeout: 60_000 })
  const producer = kafka.producer()
  await Promise.all([consumer.connect(), producer.connect()])
  await consumer.subscribe({ topics: [from], fromBeginning: true })
  const due = (message: KafkaMessage) => Number(message.timestamp) + dueMs - Date.now()
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async ({ message }) => {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due(message))))
      await producer.send({ topic: to, messages: [{ key: message.key, value: message.value }] })
    },
  })
  return { stop: async () => void (await Promise.all([consumer.disconnect(), producer.disconnect()])) }
}

/** One run of a job that somebody's clock starts: it comes, writes and is gone. */
export async function cronJob(kafka: Kafka, topic: string, value: string): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ key: 'nightly', value }] })
  await producer.disconnect()
}
