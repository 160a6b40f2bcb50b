import type { Kafka } from '../kafka/kafka.js'
import { createKafkaConnect, type KafkaConnect } from './kafka-connect.js'
import { readConnectorOffsets } from './offsets-topic.js'

/** Kafka Connect before 3.5: its REST interface pauses and resumes, and what its connectors have delivered is read from their topic. */
export function createOlderConnect(
  url: string,
  topic: string,
  kafka: Pick<Kafka, 'startOffsets' | 'endOffsets' | 'scan'>,
): KafkaConnect {
  return { ...createKafkaConnect(url), offsets: (connector) => readConnectorOffsets(kafka, topic, connector) }
}
