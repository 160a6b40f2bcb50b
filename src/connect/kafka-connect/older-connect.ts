import type { Kafka } from '../kafka/kafka.js'
import { ConnectError } from './errors.js'
import { createKafkaConnect, type KafkaConnect } from './kafka-connect.js'
import { readConnectorOffsets, writeConnectorOffsets } from './offsets-topic.js'

/**
 * Kafka Connect before 3.6: its REST interface pauses and resumes (and stops from 3.5 on), and what its connectors have delivered is read
 * from their topic and written there.
 */
export function createOlderConnect(
  url: string,
  topic: string,
  kafka: Pick<Kafka, 'startOffsets' | 'endOffsets' | 'scan' | 'takeOverByKey'>,
  now: () => number = Date.now,
): KafkaConnect {
  const rest = createKafkaConnect(url)
  /** Else the tasks would go on from where they stand themselves, and their next commit would take back what is written here. */
  const mustRest = async (connector: string) => {
    const status = await rest.status(connector)
    if (status && [status, ...status.tasks].every(({ state }) => state === 'PAUSED' || state === 'STOPPED')) return
    throw new ConnectError(
      'refused',
      `${connector} at ${url} is ${status?.state ?? 'not there'} and not at rest with all its tasks: its offsets are not written to ${topic}`,
    )
  }
  return {
    ...rest,
    offsets: (connector) => readConnectorOffsets(kafka, topic, connector),
    async setOffsets(connector, offsets, stillMine) {
      const bySelf = await rest.setOffsets(connector, offsets, stillMine).catch((error: unknown) => {
        if (error instanceof ConnectError && error.code === 'too-old') return 'too-old' as const
        throw error
      })
      if (bySelf !== 'too-old') return bySelf
      await mustRest(connector)
      await rest.letGo(connector)
      const stillAtRest = async () => {
        await stillMine()
        await mustRest(connector)
      }
      await writeConnectorOffsets(kafka, topic, connector, offsets, { stillMine: stillAtRest, now })
      return topic
    },
  }
}
