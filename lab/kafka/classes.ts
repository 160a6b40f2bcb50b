import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KafkaVersion, Progress } from '../types.js'
import { archiveOf, brokerMain, recordingOf, workerMain } from './archives.js'
import { startCluster } from './cluster.js'
import { startConnect } from './connect.js'
import type { Jars } from './java.js'
import { connectVersion, releases } from './versions.js'

/** Once for each version, right after it was fetched: lets a cluster start and end, so that all later ones start quickly. */
export async function recordClasses(version: KafkaVersion, folder: string, progress: Progress): Promise<void> {
  const mains = version === connectVersion ? [brokerMain, workerMain] : [brokerMain]
  const jars: Jars = { folder, recording: true }
  if (mains.every((main) => existsSync(archiveOf(jars, main)))) return
  progress(`Kafka ${releases[version].version}: a first start, once, that makes all later ones quick`)
  const scratch = await mkdtemp(join(tmpdir(), 'floodgate-classes-'))
  try {
    const cluster = await startCluster({ folder: scratch, side: 'source', version, jars, brokers: 1 }, () => {})
    if (version === connectVersion) {
      const { bootstrap } = cluster
      await (await startConnect({ folder: scratch, side: 'source', bootstrap, jars }, () => {})).stop()
    }
    await Promise.all(cluster.brokers.map((each) => each.stop()))
    await cluster.stop()
    for (const main of mains) {
      // Missing when the JVM was too slow to write it: then the next lab tries again.
      if (existsSync(recordingOf(jars, main))) await rename(recordingOf(jars, main), archiveOf(jars, main))
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
