import type { Metadata, Workload } from '../objects.js'
import { invalid } from './refusal.js'
import type { ResourceType } from './resources.js'
import { replicaFaults } from './validate.js'

export interface Scale {
  readonly kind: 'Scale'
  readonly apiVersion: 'autoscaling/v1'
  readonly metadata: Metadata
  /** Zero replicas are left out of the JSON, as by the real API server. */
  readonly spec: { readonly replicas?: number }
  readonly status: { readonly replicas: number; readonly selector?: string }
}

export function scaleOf({ metadata, spec, status }: Workload): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
  const selector = Object.entries(spec.selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace && { namespace }),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
      ...(creationTimestamp && { creationTimestamp }),
    },
    spec: spec.replicas === 0 ? {} : { replicas: spec.replicas },
    status: { replicas: status?.replicas ?? 0, selector: selector.sort().join(',') },
  }
}

/** The workload as the scale wants it, with the writer's resourceVersion, so that a conflict shows. */
export function scaled(of: ResourceType, workload: Workload, { metadata, spec }: Scale): Workload {
  const replicas = spec?.replicas ?? 0
  const faults = replicaFaults(replicas)
  if (faults.length > 0) throw invalid(of, workload.metadata.name, faults)
  const resourceVersion = metadata?.resourceVersion ?? workload.metadata.resourceVersion
  return {
    ...workload,
    metadata: {
      ...workload.metadata,
      name: metadata?.name ?? workload.metadata.name,
      ...(resourceVersion && { resourceVersion }),
    },
    spec: { ...workload.spec, replicas },
  }
}
