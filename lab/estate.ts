import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { descriptionFile } from './folder.js'
import { type KafkaLab, mirrorNames, startKafka } from './kafka/index.js'
import { type Kubernetes, startKubernetes } from './kubernetes/index.js'
import { writeMigration } from './migration.js'
import { startRedis } from './redis.js'
import { topics } from './shop/estate.js'
import { deployShop, type Shop } from './shop/index.js'
import { createStarted } from './started.js'
import type { LabDescription, LabOptions, Part, Progress, SlackDescription } from './types.js'

/** What is migrated, and runs; with the handles that tests of faults need: brokers, workers, the bot's Redis, the world outside the valve. */
export interface Estate extends Part {
  readonly description: LabDescription
  readonly kafka: KafkaLab
  readonly redis: Redis
  readonly shop: Shop
  /** Whether pods have limits that the kernel enforces. */
  readonly limits: Kubernetes['limits']
}

type Redis = Awaited<ReturnType<typeof startRedis>>

const namespaces = { source: 'shop-source', target: 'shop-target' }

export async function startEstate(options: LabOptions, slack: SlackDescription, progress: Progress): Promise<Estate> {
  const { folder } = options
  const started = createStarted()
  try {
    const [kafka, redis, ledger, kubernetes] = await started.together([
      startKafka(options, progress),
      startRedis({ folder, name: 'redis', appendfsync: 'always' }),
      startRedis({ folder, name: 'ledger', appendfsync: 'everysec' }),
      startKubernetes({ folder, kind: options.kubernetes, namespaces }, progress),
    ])
    const description = describe(options, slack, { kafka, redis, ledger, kubernetes })
    await writeMigration(description)
    const shop = started.keep(await openShop(description, progress))
    await Promise.all([kafka.startValve(description.valve), shop.historyReady])
    await kafka.startMirror(topics)
    progress('MirrorMaker 2 runs')
    await writeFile(join(folder, descriptionFile), JSON.stringify(description, null, 2))

    const stop = async () => {
      await shop.stop()
      // Its pods still want to commit and to write in the ledger.
      await kubernetes.stop()
      await Promise.all([kafka.stop(), redis.stop(), ledger.stop()])
    }
    return { description, kafka, redis, shop, limits: kubernetes.limits, stop }
  } catch (error) {
    await started.stop()
    throw error
  }
}

function openShop({ kafka, kubernetes, ledger, valve, options }: LabDescription, progress: Progress): Promise<Shop> {
  return deployShop(
    {
      bootstrap: { source: kafka.source.bootstrap, target: kafka.target.bootstrap },
      kubeconfig: kubernetes.kubeconfig,
      contexts: { source: 'admin@source', target: 'admin@target' },
      namespaces: kubernetes.namespaces,
      ledgerUrl: ledger.url,
      valveFile: valve.file,
      rate: options.rate,
    },
    progress,
  )
}

function describe(
  options: LabOptions,
  slack: SlackDescription,
  parts: { kafka: KafkaLab; redis: Redis; ledger: Redis; kubernetes: Kubernetes },
): LabDescription {
  const { folder } = options
  const { clusters, connect } = parts.kafka
  const { kubeconfig, contexts } = parts.kubernetes
  return {
    folder,
    options,
    kafka: {
      source: { version: clusters.source.version, bootstrap: clusters.source.bootstrap },
      target: { version: clusters.target.version, bootstrap: clusters.target.bootstrap },
    },
    connect: { source: connect.source.url, target: connect.target.url },
    mirror: mirrorNames,
    valve: { connector: 'intake-file', file: join(folder, 'outside.txt'), topic: 'intake' },
    kubernetes: { kubeconfig, contexts, namespaces },
    redis: { url: parts.redis.url },
    ledger: { url: parts.ledger.url },
    slack,
    migration: join(folder, 'migration.yaml'),
  }
}
