import type { Consumer, Kafka, KafkaMessage } from 'kafkajs'
import type { Part } from '../types.js'

/** What an app has processed so far, by value. */
export interface Reader extends Part {
  readonly processed: readonly string[]
}

/** Processes and commits one record after the other, until it meets the one that it cannot process; then it tries for ever. */
export async function stuck(kafka: Kafka, group: string, topic: string, poison: string): Promise<Reader> {
  const processed: string[] = []
  let stopping = false
  const consumer = await reading(kafka, group, topic, { autoCommit: false }, async (message, commit) => {
    while (textOf(message) === poison && !stopping) await new Promise((resolve) => setTimeout(resolve, 50))
    if (stopping) throw new Error('stopped')
    processed.push(textOf(message))
    await commit()
  })
  return {
    processed,
    stop: async () => {
      stopping = true
      await consumer.disconnect()
    },
  }
}

/** Takes each record over at once and is committed by a timer, while the work itself takes as long as it takes. */
export async function handsOff(
  kafka: Kafka,
  group: string,
  topic: string,
  workMs: number,
): Promise<Reader & { kill(): Promise<void> }> {
  const processed: string[] = []
  const inHand: string[] = []
  let isDead = false
  const consumer = await reading(
    kafka,
    group,
    topic,
    { autoCommit: true, autoCommitInterval: 100 },
    async (message) => void inHand.push(textOf(message)),
  )
  const working = (async () => {
    while (!isDead) {
      await new Promise((resolve) => setTimeout(resolve, workMs))
      const next = inHand.shift()
      if (next !== undefined && !isDead) processed.push(next)
    }
  })()
  const kill = async () => {
    isDead = true
    await Promise.all([working, consumer.disconnect()])
  }
  return { processed, kill, stop: kill }
}

/** Writes each record as a document whose id is where it lay. A document that is there already keeps what it has, as external versions do. */
export async function indexer(
  kafka: Kafka,
  group: string,
  topic: string,
  documents: Map<string, string>,
): Promise<Reader> {
  const processed: string[] = []
  const consumer = await reading(kafka, group, topic, { autoCommit: false }, async (message, commit, partition) => {
    const id = `${topic}-${partition}-${message.offset}`
    if (!documents.has(id)) documents.set(id, textOf(message))
    processed.push(textOf(message))
    await commit()
  })
  return { processed, stop: () => consumer.disconnect() }
}

/** The newest value of each key, read from the start by nobody that a cluster would know. */
export async function table(
  kafka: Kafka,
  topic: string,
): Promise<Part & { readonly values: ReadonlyMap<string, string> }> {
  const values = new Map<string, string>()
  const group = `table-${Math.random().toString(36).slice(2)}`
  const consumer = await reading(kafka, group, topic, { autoCommit: false }, async (message) => {
    const key = message.key?.toString() ?? ''
    if (message.value === null) values.delete(key)
    else values.set(key, textOf(message))
  })
  return { values, stop: () => consumer.disconnect() }
}

async function reading(
  kafka: Kafka,
  groupId: string,
  topic: string,
  run: { autoCommit: boolean; autoCommitInterval?: number },
  take: (message: KafkaMessage, commit: () => Promise<void>, partition: number) => Promise<void>,
): Promise<Consumer> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    ...run,
    eachMessage: ({ message, partition }) => {
      const offset = String(BigInt(message.offset) + 1n)
      return take(message, () => consumer.commitOffsets([{ topic, partition, offset }]), partition)
    },
  })
  return consumer
}

const textOf = ({ value }: KafkaMessage) => value?.toString() ?? ''
