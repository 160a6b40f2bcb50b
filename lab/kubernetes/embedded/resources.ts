/** One kind of object that the API serves. Adding a kind is one line in the table below. */
export interface ResourceType {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  readonly subresources: readonly Subresource[]
  readonly shortNames: readonly string[]
}

export type Subresource = 'status' | 'scale' | 'log' | 'binding'

const rbac = 'rbac.authorization.k8s.io'

export const resourceTypes: readonly ResourceType[] = [
  cluster('', 'namespaces', 'Namespace', ['status'], ['ns']),
  cluster('', 'nodes', 'Node', ['status'], ['no']),
  namespaced('', 'pods', 'Pod', ['status', 'log', 'binding'], ['po']),
  namespaced('', 'configmaps', 'ConfigMap', [], ['cm']),
  namespaced('', 'secrets', 'Secret'),
  namespaced('', 'events', 'Event', [], ['ev']),
  namespaced('apps', 'deployments', 'Deployment', ['status', 'scale'], ['deploy']),
  namespaced('apps', 'replicasets', 'ReplicaSet', ['status', 'scale'], ['rs']),
  namespaced('apps', 'statefulsets', 'StatefulSet', ['status', 'scale'], ['sts']),
  namespaced(rbac, 'roles', 'Role'),
  namespaced(rbac, 'rolebindings', 'RoleBinding'),
  namespaced('kafka.strimzi.io', 'kafkamirrormaker2s', 'KafkaMirrorMaker2', ['status', 'scale'], ['kmm2']),
  namespaced('kafka.strimzi.io', 'kafkaconnectors', 'KafkaConnector', ['status', 'scale'], ['kctr']),
  namespaced('kafka.strimzi.io', 'kafkausers', 'KafkaUser', ['status'], ['ku']),
  {
    ...namespaced('kafka.strimzi.io', 'kafkamirrormaker2s', 'KafkaMirrorMaker2', ['status', 'scale'], ['kmm2']),
    version: 'v1beta2',
  },
]

export function findResource(group: string, version: string, plural: string): ResourceType | undefined {
  return resourceTypes.find((type) => type.group === group && type.version === version && type.plural === plural)
}

export function resourceOf(kind: string): ResourceType {
  const type = resourceTypes.find((candidate) => candidate.kind === kind)
  if (!type) throw new Error(`no resource of kind ${kind} in the table`)
  return type
}

export function apiVersionOf({ group, version }: Pick<ResourceType, 'group' | 'version'>): string {
  return group ? `${group}/${version}` : version
}

function namespaced(
  group: string,
  plural: string,
  kind: string,
  subresources: Subresource[] = [],
  shortNames: string[] = [],
): ResourceType {
  return { group, version: 'v1', plural, kind, namespaced: true, subresources, shortNames }
}

function cluster(
  group: string,
  plural: string,
  kind: string,
  subresources: Subresource[] = [],
  shortNames: string[] = [],
): ResourceType {
  return { group, version: 'v1', plural, kind, namespaced: false, subresources, shortNames }
}
