import type { LabProcess } from '../processes.js'
import { createStarted } from '../started.js'
import type { LabDescription, LabOptions, Part, Progress, Side } from '../types.js'
import { type Cluster, startCluster } from './cluster.js'
import { startConnect } from './connect.js'
import { startMirror } from './mirror.js'
import { createPrepared } from './prepared.js'
import { startValve } from './valve.js'
import { connectVersion, releases } from './versions.js'

export { waitForState } from './connectors.js'
export { mirrorNames } from './mirror.js'

/** Two clusters with a Connect worker each. The mirror and the valve wait to be started, until the topics hold history. */
export interface KafkaLab extends Part {
  readonly clusters: Readonly<Record<Side, Cluster>>
  readonly connect: Readonly<Record<Side, LabProcess & { url: string }>>
  startMirror(topics: readonly string[]): Promise<void>
  startValve(valve: LabDescription['valve']): Promise<void>
}

type KafkaOptions = Pick<LabOptions, 'folder' | 'source' | 'target' | 'brokers'> & {
  /** Folders of jars for the Connect workers, one for each plugin that Kafka does not bring. */
  readonly plugins?: readonly string[]
  /** Of Connect, and so of MirrorMaker 2, which runs on the target's. */
  readonly connect?: Readonly<Record<Side, '2.8' | '3.9'>>
  /** After how long workers commit how far their connectors have come. */
  readonly commitEveryMs?: number
}

export async function startKafka(options: KafkaOptions, progress: Progress): Promise<KafkaLab> {
  const started = createStarted()
  const prepared = createPrepared(progress)
  const connectOf = options.connect ?? { source: connectVersion, target: connectVersion }
  const startSide = async (side: Side) => {
    const { folder, brokers, plugins = [], commitEveryMs = 1_000 } = options
    const version = options[side]
    const jars = await prepared(version)
    const cluster = started.keep(await startCluster({ folder, side, version, jars, brokers }, progress))
    const { bootstrap } = cluster
    const of = connectOf[side]
    const worker = { folder, side, bootstrap, jars: await prepared(of), version: of, plugins, commitEveryMs }
    const connect = await startConnect(worker, progress)
    // Killed, as the cluster is (cluster.ts): its last commits are of no use to anybody.
    started.keep({ stop: connect.kill })
    return { cluster, connect }
  }
  const [source, target] = await Promise.allSettled([startSide('source'), startSide('target')])
  if (source.status === 'rejected' || target.status === 'rejected') {
    await started.stop()
    throw source.status === 'rejected' ? source.reason : (target as PromiseRejectedResult).reason
  }
  const clusters = { source: source.value.cluster, target: target.value.cluster }
  const connect = { source: source.value.connect, target: target.value.connect }
  return {
    clusters,
    connect,
    startMirror: (topics) =>
      startMirror(
        connect.target.url,
        clusters.source.bootstrap,
        clusters.target.bootstrap,
        topics,
        releases[connectOf.target].identity,
      ),
    startValve: (valve) =>
      startValve({ source: connect.source.url, target: connect.target.url }, valve, connectOf.target),
    stop: started.stop,
  }
}
