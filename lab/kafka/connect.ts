import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { freePort } from '../ports.js'
import { type LabProcess, startProcess } from '../processes.js'
import { httpAnswers } from '../readiness.js'
import type { KafkaVersion, Progress, Side } from '../types.js'
import { workerMain } from './archives.js'
import { type Jars, java, properties } from './java.js'

const bytes = 'org.apache.kafka.connect.converters.ByteArrayConverter'

/** A Kafka Connect worker in distributed mode, a group of its own, with its books on the cluster given. */
export async function startConnect(
  given: {
    folder: string
    side: Side
    bootstrap: readonly string[]
    jars: Jars
    version?: KafkaVersion
    /** Folders of jars, one for each plugin that Kafka does not bring. */
    plugins?: readonly string[]
    commitEveryMs?: number
  },
  progress: Progress,
): Promise<LabProcess & { url: string }> {
  const name = `connect-${given.side}`
  const file = join(given.folder, 'kafka', `${name}.properties`)
  const plugins = join(given.folder, 'kafka', `${name}-plugins`)
  const url = `http://127.0.0.1:${await freePort()}`
  const replicas = given.bootstrap.length
  await mkdir(plugins, { recursive: true })
  for (const plugin of given.plugins ?? []) await symlink(plugin, join(plugins, basename(plugin)))
  const settings = {
    'bootstrap.servers': given.bootstrap.join(','),
    'group.id': name,
    listeners: url,
    // Names that MirrorMaker leaves alone: with identical names on both sides it would else mirror one worker's books into the other's.
    'config.storage.topic': `${name}-configs.internal`,
    'offset.storage.topic': `${name}-offsets.internal`,
    'status.storage.topic': `${name}-status.internal`,
    'config.storage.replication.factor': replicas,
    'offset.storage.replication.factor': replicas,
    'status.storage.replication.factor': replicas,
    // Enough of them for it to matter in which one an offset lies.
    'offset.storage.partitions': 5,
    'status.storage.partitions': 1,
    'key.converter': bytes,
    'value.converter': bytes,
    'header.converter': bytes,
    'offset.flush.interval.ms': given.commitEveryMs ?? 1_000,
    'scheduled.rebalance.max.delay.ms': 0,
    // The mirror and the file connector stand on the class path; service files name them there and in plugins.
    'plugin.discovery': 'service_load',
    'plugin.path': plugins,
  }
  await writeFile(file, properties(settings))
  const worker = await startProcess(
    java({
      name,
      folder: given.folder,
      address: url,
      jars: given.jars,
      main: workerMain,
      arguments: [file],
      heapMiB: 256,
      // What says whether a worker is ready came with 3.9 (KIP-1017).
      ready: httpAnswers(`${url}${given.version === '2.8' ? '/connectors' : '/health'}`),
    }),
  )
  progress(`Kafka Connect is up on the ${given.side}`)
  return Object.assign(worker, { url })
}
