import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../ports.js'
import { type LabProcess, startProcess } from '../processes.js'
import { logLine } from '../readiness.js'
import type { KafkaVersion, Part, Progress, Side } from '../types.js'
import { brokerMain } from './archives.js'
import { type Jars, java, properties } from './java.js'
import { brokerSettings, clusterPlan } from './settings.js'
import { formatStorage } from './storage.js'
import { releases } from './versions.js'
import { startZooKeeper } from './zookeeper.js'

export interface ClusterOptions {
  readonly folder: string
  readonly side: Side
  readonly version: KafkaVersion
  readonly jars: Jars
  readonly brokers: 1 | 3
  /** For a cluster that must hold more than the lab's own: the brokers' heap, and settings on top of the lab's. */
  readonly heapMiB?: number
  readonly settings?: Readonly<Record<string, string | number | boolean>>
}

/** A Kafka cluster on loopback whose records outlive a restart of its brokers. */
export interface Cluster extends Part {
  readonly version: string
  readonly bootstrap: string[]
  readonly brokers: readonly LabProcess[]
}

export async function startCluster(options: ClusterOptions, progress: Progress): Promise<Cluster> {
  const release = releases[options.version]
  const { jars } = options
  const plan = await clusterPlan(options.brokers, freePort)
  const zookeeper = release.metadata === 'zookeeper' ? await startZooKeeper(options, jars) : undefined

  // Together: three brokers that are their own controllers are ready only when most of them are there.
  const starting = plan.nodes.map(async (node) => {
    const name = `kafka-${options.side}-${node.id}`
    const data = join(options.folder, 'kafka', name)
    const file = join(options.folder, 'kafka', `${name}.properties`)
    await mkdir(data, { recursive: true })
    const settings = brokerSettings({ release, plan, node, data, zookeeper: zookeeper?.address })
    await writeFile(file, properties({ ...settings, ...options.settings }))
    if (release.metadata === 'kraft')
      await formatStorage({ folder: options.folder, jars, file, clusterId: plan.clusterId })
    return startProcess(
      java({
        name,
        folder: options.folder,
        address: `127.0.0.1:${node.port}`,
        jars,
        main: brokerMain,
        arguments: [file],
        heapMiB: options.heapMiB ?? 256,
        // Killed and started again it is refused until ZooKeeper has forgotten the one before.
        attempts: zookeeper ? 4 : 1,
        ready: logLine(/Kafka Server started|started \(kafka\.server\.KafkaServer/),
      }),
    )
  })
  const settled = await Promise.allSettled(starting)
  const brokers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  // Not gently: what a lab held is thrown away with it, and three brokers that end together wait long for each other.
  const stop = async () => {
    await Promise.all([...brokers, ...(zookeeper ? [zookeeper] : [])].map((one) => one.kill()))
  }
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed) {
    await stop()
    throw failed.reason
  }
  progress(`Kafka ${release.version} is up as the ${options.side}`)
  const bootstrap = plan.nodes.map(({ port }) => `127.0.0.1:${port}`)
  return { version: release.version, bootstrap, brokers, stop }
}
