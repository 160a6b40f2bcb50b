import { randomBytes } from 'node:crypto'
import type { KafkaRelease } from './versions.js'

interface BrokerNode {
  readonly id: number
  readonly port: number
  readonly controllerPort: number
}

export interface ClusterPlan {
  readonly clusterId: string
  readonly nodes: readonly BrokerNode[]
}

export async function clusterPlan(brokers: number, freePort: () => Promise<number>): Promise<ClusterPlan> {
  const nodes: BrokerNode[] = []
  for (let id = 1; id <= brokers; id++) nodes.push({ id, port: await freePort(), controllerPort: await freePort() })
  return { clusterId: newClusterId(), nodes }
}

/** Never with a dash in front, which the storage tool would take for an option. */
function newClusterId(): string {
  const bytes = randomBytes(16)
  bytes[0]! &= 0x7f
  return bytes.toString('base64url')
}

/** A broker as small and as quick to answer as it can be, on loopback alone. */
export function brokerSettings(given: {
  release: KafkaRelease
  plan: ClusterPlan
  node: BrokerNode
  data: string
  zookeeper: string | undefined
}): Record<string, string | number | boolean> {
  const { plan, node } = given
  const replicas = plan.nodes.length
  const minInsync = replicas === 1 ? 1 : 2
  return {
    ...(given.zookeeper === undefined ? kraft(plan, node) : zookeeper(node, given.zookeeper)),
    'log.dirs': given.data,
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': minInsync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': minInsync,
    'transaction.state.log.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'log.cleaner.backoff.ms': 1_000,
    'log.retention.check.interval.ms': 5_000,
  }
}

function kraft(plan: ClusterPlan, node: BrokerNode) {
  const voters = plan.nodes.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`)
  return {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    // A broker that was killed may register again only when its old session is over.
    'broker.session.timeout.ms': 6_000,
    'broker.heartbeat.interval.ms': 1_000,
    'controller.quorum.voters': voters.join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${node.port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  }
}

function zookeeper(node: BrokerNode, address: string) {
  return {
    'broker.id': node.id,
    'zookeeper.session.timeout.ms': 6_000,
    'zookeeper.connect': address,
    listeners: `PLAINTEXT://127.0.0.1:${node.port}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${node.port}`,
  }
}
