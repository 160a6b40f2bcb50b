import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../ports.js'
import { type LabProcess, startProcess } from '../processes.js'
import { portOpen } from '../readiness.js'
import type { Side } from '../types.js'
import { type Jars, java, properties } from './java.js'

export async function startZooKeeper(
  given: { folder: string; side: Side },
  jars: Jars,
): Promise<LabProcess & { address: string }> {
  const name = `zookeeper-${given.side}`
  const data = join(given.folder, 'kafka', name)
  const file = join(given.folder, 'kafka', `${name}.properties`)
  const port = await freePort()
  await mkdir(data, { recursive: true })
  const settings = {
    dataDir: data,
    clientPort: port,
    clientPortAddress: '127.0.0.1',
    maxClientCnxns: 0,
    'admin.enableServer': false,
  }
  await writeFile(file, properties(settings))
  const address = `127.0.0.1:${port}`
  const started = await startProcess(
    java({
      name,
      folder: given.folder,
      address,
      // Its classes are few; only the broker's are worth recording.
      jars: { ...jars, recording: false },
      main: 'org.apache.zookeeper.server.quorum.QuorumPeerMain',
      arguments: [file],
      heapMiB: 128,
      ready: portOpen(port),
    }),
  )
  return Object.assign(started, { address })
}
