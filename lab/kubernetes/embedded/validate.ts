import type { KubernetesObject, Pod, Workload } from '../objects.js'
import { invalid } from './refusal.js'
import type { ResourceType } from './resources.js'
import { matchesLabels } from './select.js'

type Fault = { readonly field: string; readonly message: string }

/** Refuses with 422 what Kubernetes would refuse, for the mistakes that a person or the bot can make. */
export function validate(of: ResourceType, object: KubernetesObject, before?: KubernetesObject): void {
  const faults = [...nameFaults(object), ...faultsByKind(object, before)]
  if (faults.length > 0) throw invalid(of, object.metadata.name, faults)
}

function nameFaults({ kind, metadata: { name } }: KubernetesObject): Fault[] {
  if (!name) return [{ field: 'metadata.name', message: 'Required value: name or generateName is required' }]
  const isRbac = kind === 'Role' || kind === 'RoleBinding'
  if (isRbac || (name.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name))) return []
  return [
    {
      field: 'metadata.name',
      message: `Invalid value: "${name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
    },
  ]
}

function faultsByKind(object: KubernetesObject, before: KubernetesObject | undefined): Fault[] {
  switch (object.kind) {
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
      return workloadFaults(object as Workload, before as Workload | undefined)
    case 'Pod':
      return containerFaults('spec', (object as Pod).spec?.containers)
    default:
      return []
  }
}

function workloadFaults({ spec }: Workload, before: Workload | undefined): Fault[] {
  const faults: Fault[] = []
  const labels = spec?.selector?.matchLabels
  if (!labels) return [{ field: 'spec.selector', message: 'Required value' }]
  if (!matchesLabels({ metadata: spec.template?.metadata ?? {} }, labels)) {
    faults.push({
      field: 'spec.template.metadata.labels',
      message: `Invalid value: ${JSON.stringify(spec.template?.metadata?.labels ?? {})}: \`selector\` does not match template \`labels\``,
    })
  }
  faults.push(
    ...replicaFaults(spec.replicas),
    ...containerFaults('spec.template.spec', spec.template?.spec?.containers),
  )
  if (before && JSON.stringify(before.spec.selector) !== JSON.stringify(spec.selector)) {
    faults.push({
      field: 'spec.selector',
      message: `Invalid value: ${JSON.stringify(spec.selector)}: field is immutable`,
    })
  }
  return faults
}

export function replicaFaults(replicas: unknown): Fault[] {
  if (Number.isInteger(replicas) && Number(replicas) >= 0) return []
  return [{ field: 'spec.replicas', message: `Invalid value: ${String(replicas)}: must be greater than or equal to 0` }]
}

function containerFaults(path: string, containers: readonly { name?: string }[] | undefined): Fault[] {
  if (!containers?.length) return [{ field: `${path}.containers`, message: 'Required value' }]
  return containers.flatMap(({ name }, at) =>
    name ? [] : [{ field: `${path}.containers[${at}].name`, message: 'Required value' }],
  )
}
