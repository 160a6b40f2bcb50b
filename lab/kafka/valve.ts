import type { KafkaVersion, LabDescription, Side } from '../types.js'
import { createConnector, createPaused } from './connectors.js'

/** The way in from outside: a connector that turns each line of a file into a record. It stands on both sides, open on the source alone. */
export async function startValve(
  workers: Readonly<Record<Side, string>>,
  valve: LabDescription['valve'],
  onTarget: KafkaVersion,
): Promise<void> {
  const text = 'org.apache.kafka.connect.storage.StringConverter'
  const config = {
    'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    file: valve.file,
    topic: valve.topic,
    'key.converter': text,
    'value.converter': text,
  }
  await Promise.all([
    createConnector(workers.source, { name: valve.connector, config, state: 'RUNNING' }),
    onTarget === '2.8'
      ? createPaused(workers.target, { name: valve.connector, config, state: 'PAUSED' }, { file: `${valve.file}.none` })
      : createConnector(workers.target, { name: valve.connector, config, state: 'STOPPED' }),
  ])
}
