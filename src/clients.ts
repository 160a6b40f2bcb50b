import { sides as bothSides, type Migration, type Side } from './config/migration.js'
import { kafkaSecurity } from './config/secrets.js'
import { createKafka, type Kafka } from './connect/kafka/kafka.js'
import { createKafkaConnect, type KafkaConnect } from './connect/kafka-connect/kafka-connect.js'
import { createOlderConnect } from './connect/kafka-connect/older-connect.js'
import { createKubernetes, type Kubernetes } from './connect/kubernetes/index.js'
import type { KafkaUser } from './connect/kubernetes/kafka-users.js'
import { queryPrometheus } from './connect/prometheus/prometheus.js'
import { createSchemaRegistry, type SchemaRegistry } from './connect/schema-registry/schema-registry.js'
import { createConnectorResource } from './connect/strimzi/connector.js'
import { createMirrorResource } from './connect/strimzi/mirror.js'

/** Everything through which the bot touches the estate; gates and actions each ask for a narrow part of it. */
export interface Clients {
  readonly kafka: Readonly<Record<Side, Kafka>>
  readonly workloads: Readonly<Record<Side, Kubernetes>>
  /** Undefined where migration.yaml names no User Operator that owns them. */
  kafkaUsers(side: Side): Promise<readonly KafkaUser[] | undefined>
  connect(url: string): KafkaConnect
  readonly prometheus: typeof queryPrometheus
  schemaRegistry(url: string): SchemaRegistry
  /** By which a call knows how long it has taken: milliseconds, never backwards. */
  clock(): number
  close(): Promise<void>
}

export function createClients({ sides, mirror, valve, canary }: Migration, env: NodeJS.ProcessEnv): Clients {
  const kafka = (side: Side) =>
    createKafka({
      bootstrap: sides[side].kafka.bootstrap,
      clientId: 'floodgate',
      ...kafkaSecurity(sides[side].kafka, env),
    })
  const kubeconfig = kubeconfigOf(env)
  const workloads = (side: Side) => createKubernetes({ ...sides[side].kubernetes, ...kubeconfig })
  const clusters = { source: kafka('source'), target: kafka('target') }
  const kubernetes = { source: workloads('source'), target: workloads('target') }
  /** Where an operator's resources are: in the namespace that is named for them, or in that of the apps. */
  const at = (side: Side, namespace: string | undefined) =>
    namespace === undefined || namespace === sides[side].kubernetes.namespace
      ? kubernetes[side]
      : createKubernetes({ ...sides[side].kubernetes, namespace, ...kubeconfig })
  const usersOf = (side: Side) => {
    const owned = sides[side].kafkaUsers
    return owned && at(side, owned.namespace)
  }
  const users = { source: usersOf('source'), target: usersOf('target') }
  const connects = new Map<string, KafkaConnect>()
  for (const { url, resource, offsets } of [mirror, ...(canary ? [canary.mirror] : [])]) {
    if (offsets) connects.set(url, createOlderConnect(url, offsets, clusters.target))
    if (resource) {
      const deps = { resources: at(resource.side, resource.namespace).mirrorMakers, kafka: clusters.target }
      connects.set(url, createMirrorResource(deps, resource))
    }
  }
  for (const one of [valve, ...(canary ? [canary.valve] : [])])
    for (const side of bothSides) {
      if (one.kind !== 'connect') continue
      const { url, connector, resource, offsets } = one[side]
      const plain = () => (offsets ? createOlderConnect(url, offsets, clusters[side]) : createKafkaConnect(url))
      const rest = connects.get(url) ?? plain()
      const owned = resource && { ...resource, name: connector }
      connects.set(
        url,
        owned ? createConnectorResource(rest, at(side, resource?.namespace).kafkaConnectors, owned) : rest,
      )
    }
  return {
    kafka: clusters,
    workloads: kubernetes,
    async kafkaUsers(side) {
      const owned = sides[side].kafkaUsers
      return owned && users[side]?.kafkaUsers.list(owned.version, owned.cluster)
    },
    connect(url) {
      const known = connects.get(url) ?? createKafkaConnect(url)
      connects.set(url, known)
      return known
    },
    prometheus: queryPrometheus,
    schemaRegistry: createSchemaRegistry,
    clock: () => performance.now(),
    close: async () => {
      await Promise.all([clusters.source.close(), clusters.target.close()])
    },
  }
}

/** Without KUBECONFIG the client looks where kubectl does. */
export const kubeconfigOf = ({ KUBECONFIG }: NodeJS.ProcessEnv) => (KUBECONFIG ? { kubeconfig: KUBECONFIG } : {})
