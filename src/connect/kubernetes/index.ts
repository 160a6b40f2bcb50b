import { type AccessOptions, createAccess } from './access.js'
import { createConfigMaps } from './config-map.js'
import { createKafkaConnectors } from './kafka-connectors.js'
import { createKafkaUsers } from './kafka-users.js'
import { createLogs } from './logs.js'
import { createMirrorMakers } from './mirror-makers.js'
import { createWatchPods } from './watch-pods.js'
import { createWhoAmI } from './who-am-i.js'
import { createWorkloads } from './workloads.js'

export { KubernetesError } from './errors.js'
export type { Pod } from './pod.js'
export type { PodChange } from './watch-pods.js'

export type Kubernetes = ReturnType<typeof createKubernetes>

/** One namespace of one cluster. Every call ends within its deadline, and fails with a KubernetesError that says what to do. */
export function createKubernetes(options: AccessOptions) {
  const access = createAccess(options)
  return {
    ...createWorkloads(access),
    logs: createLogs(access),
    configMaps: createConfigMaps(access),
    kafkaConnectors: createKafkaConnectors(access),
    kafkaUsers: createKafkaUsers(access),
    mirrorMakers: createMirrorMakers(access),
    watchPods: createWatchPods(access),
    whoAmI: createWhoAmI(access),
  }
}
