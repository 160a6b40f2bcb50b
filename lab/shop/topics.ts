import { Kafka, logLevel } from 'kafkajs'
import { partitions, topics } from './estate.js'

const visibleWithinMs = 30_000

/** Makes the shop's topics with six partitions each, equal on any cluster, and waits until each partition has a leader. */
export async function createTopics(bootstrap: readonly string[]): Promise<void> {
  const kafka = new Kafka({ clientId: 'shop-topics', brokers: [...bootstrap], logLevel: logLevel.NOTHING })
  const admin = kafka.admin({ retry: { retries: 10 } })
  await admin.connect()
  try {
    await admin.createTopics({
      waitForLeaders: false, // kafkajs throws while it waits for leaders; asked for below
      topics: topics.map((topic) => ({
        topic,
        numPartitions: partitions,
        replicationFactor: bootstrap.length >= 3 ? 3 : 1,
        configEntries: [{ name: 'retention.ms', value: String(7 * 24 * 3_600_000) }],
      })),
    })
    const deadline = Date.now() + visibleWithinMs
    while (!(await haveLeaders(admin))) {
      if (Date.now() > deadline)
        throw new Error(`The topics ${topics.join(', ')} had no leaders on ${bootstrap} after ${visibleWithinMs} ms.`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  } finally {
    await admin.disconnect()
  }
}

async function haveLeaders(admin: ReturnType<Kafka['admin']>): Promise<boolean> {
  const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] }).catch(() => ({ topics: [] }))
  return (
    found.length === topics.length &&
    found.every((topic) => topic.partitions.length === partitions && topic.partitions.every((each) => each.leader >= 0))
  )
}
