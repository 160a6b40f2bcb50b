import type { Consumer, Kafka } from 'kafkajs'
import { waitFor } from '../../lab/readiness.js'

/** The values of a topic from its start, as soon as there are `count` of them; waits for the topic too. */
export async function readValues(
  kafka: Kafka,
  topic: string,
  count: number,
  readUncommitted = false,
): Promise<string[]> {
  const consumer = kafka.consumer({
    groupId: `test-${Math.random()}`,
    retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 500 },
    allowAutoTopicCreation: false,
    readUncommitted,
  })
  const values: string[] = []
  await consumer.connect()
  try {
    const subscribed = await waitFor(() => subscribe(consumer, topic), 30_000)
    if (!subscribed) throw new Error(`There was no topic ${topic} after 30 s`)
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ message }) => {
            values.push(String(message.value))
            if (values.length >= count) resolve()
          },
        })
        .catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  return values.sort()
}

/** Undefined as long as the cluster does not know the topic: it was not mirrored yet, or the broker has just come back. */
async function subscribe(consumer: Consumer, topic: string): Promise<true | undefined> {
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    return true
  } catch (error) {
    if ((error as { type?: string }).type === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined
    throw error
  }
}
