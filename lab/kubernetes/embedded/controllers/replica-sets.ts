import type { Workload } from '../../objects.js'
import type { Objects } from '../objects.js'
import { resourceOf } from '../resources.js'
import { isActive, isReady, type Pods } from './pods.js'

/** Keeps as many pods as the ReplicaSet says: the unready and the youngest go first. */
export function reconcileReplicaSet(objects: Objects, pods: Pods, set: Workload): void {
  if (set.metadata.deletionTimestamp) return
  const active = pods.ownedBy(set).filter(isActive)
  const missing = set.spec.replicas - active.length
  for (let made = 0; made < missing; made++) pods.create(set, set.spec.template, {})
  for (const pod of active
    .sort((a, b) => Number(isReady(a)) - Number(isReady(b)) || younger(a, b))
    .slice(0, Math.max(0, -missing))) {
    pods.remove(pod)
  }

  const remaining = pods.ownedBy(set).filter(isActive)
  const ready = remaining.filter(isReady).length
  const status = {
    replicas: remaining.length,
    ...(remaining.length > 0 && { fullyLabeledReplicas: remaining.length }),
    ...(ready > 0 && { readyReplicas: ready, availableReplicas: ready }),
    observedGeneration: set.metadata.generation ?? 1,
  }
  objects.update(resourceOf('ReplicaSet'), set, { ...set, status }, 'status')
}

function younger(a: Workload | { metadata: Workload['metadata'] }, b: { metadata: Workload['metadata'] }): number {
  return (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '')
}
