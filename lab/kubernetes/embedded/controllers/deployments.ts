import { createHash } from 'node:crypto'
import type { Condition, PodTemplate, Workload } from '../../objects.js'
import { timeText } from '../../time.js'
import type { Objects } from '../objects.js'
import { resourceOf } from '../resources.js'
import type { Store } from '../store.js'
import { controllerOf, ownerReferenceTo } from './pods.js'

/** Keeps one ReplicaSet for the template as it is now, and lets older ones shrink as its pods become ready. */
export function reconcileDeployment(store: Store, objects: Objects, deployment: Workload, now: Date): void {
  const { metadata, spec } = deployment
  const of = resourceOf('ReplicaSet')
  const sets = (store.list(of, metadata.namespace) as Workload[]).filter(
    (set) => controllerOf(set)?.uid === metadata.uid,
  )
  const hash = hashOf(spec.template)
  const name = `${metadata.name}-${hash}`
  const old = sets.filter((set) => set.metadata.name !== name)
  const oldPods = sum(old, ({ status }) => status?.replicas ?? 0)
  const isBlocked = spec.strategy?.type === 'Recreate' && oldPods > 0

  let current = sets.find((set) => set.metadata.name === name)
  const wanted = isBlocked ? 0 : spec.replicas
  if (!current) current = objects.create(of, metadata.namespace, replicaSet(deployment, name, hash, wanted)) as Workload
  else if (current.spec.replicas !== wanted) current = resize(current, wanted)
  const stillNeeded = isBlocked ? 0 : Math.max(0, spec.replicas - (current.status?.readyReplicas ?? 0))
  for (const set of old) if (set.spec.replicas > stillNeeded) resize(set, stillNeeded)

  function resize(set: Workload, replicas: number): Workload {
    return objects.update(of, set, { ...set, spec: { ...set.spec, replicas } }, 'object') as Workload
  }

  const all = [current, ...old]
  const replicas = sum(all, ({ status }) => status?.replicas ?? 0)
  const ready = sum(all, ({ status }) => status?.readyReplicas ?? 0)
  const updated = current.status?.replicas ?? 0
  const unavailable = Math.max(0, spec.replicas - ready)
  const status = {
    observedGeneration: metadata.generation ?? 1,
    ...(replicas > 0 && { replicas }),
    ...(updated > 0 && { updatedReplicas: updated }),
    ...(ready > 0 && { readyReplicas: ready, availableReplicas: ready }),
    ...(unavailable > 0 && { unavailableReplicas: unavailable }),
    conditions: conditionsOf(deployment, ready, now),
  }
  objects.update(resourceOf('Deployment'), deployment, { ...deployment, status }, 'status')
}

function replicaSet(
  { apiVersion, kind, metadata, spec }: Workload,
  name: string,
  hash: string,
  replicas: number,
): Workload {
  const labels = { ...spec.template.metadata?.labels, 'pod-template-hash': hash }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, labels, ownerReferences: [ownerReferenceTo({ apiVersion, kind, metadata })] },
    spec: {
      replicas,
      selector: { matchLabels: { ...spec.selector.matchLabels, 'pod-template-hash': hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  }
}

/** A quarter of the pods may be missing, as by the default strategy; zero wanted is available. */
function conditionsOf({ spec, status }: Workload, ready: number, now: Date): Condition[] {
  const isAvailable = ready >= spec.replicas - Math.floor(spec.replicas / 4)
  const before = status?.conditions?.find(({ type }) => type === 'Available')
  const wanted = isAvailable ? 'True' : 'False'
  const at = timeText(now)
  if (before?.status === wanted) return status?.conditions ?? []
  return [
    {
      type: 'Available',
      status: wanted,
      lastUpdateTime: at,
      lastTransitionTime: at,
      reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      message: isAvailable ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
    },
  ]
}

export function hashOf(template: PodTemplate): string {
  return createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10)
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0)
}
