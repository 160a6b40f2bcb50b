import type { KubernetesObject, Workload } from '../../objects.js'
import type { Objects } from '../objects.js'
import { type ResourceType, resourceOf, resourceTypes } from '../resources.js'
import type { Change, Store } from '../store.js'
import { reconcileDeployment } from './deployments.js'
import { createPods } from './pods.js'
import { reconcileReplicaSet } from './replica-sets.js'
import { reconcileStatefulSet } from './stateful-sets.js'

/** Runs the controllers: each change of a workload, or of something that it owns, brings it back to its controller. */
export function runControllers(store: Store, objects: Objects, now: () => Date): { stop(): void } {
  const pods = createPods(store, objects)
  const due = new Map<string, { of: ResourceType; namespace: string | undefined; name: string }>()
  let removed: KubernetesObject[] = []
  let scheduled: NodeJS.Immediate | undefined

  function enqueue(kind: string, namespace: string | undefined, name: string): void {
    if (!isWorkload(kind)) return
    due.set(`${kind}/${namespace}/${name}`, { of: resourceOf(kind), namespace, name })
    schedule()
  }

  // Later, so that watchers see changes in the order of their versions.
  function schedule(): void {
    scheduled ??= setImmediate(reconcileDue)
  }

  function reconcileDue(): void {
    scheduled = undefined
    const batch = [...due.values()]
    due.clear()
    const gone = removed
    removed = []
    for (const owner of gone) removeDependents(store, objects, owner)
    for (const { of, namespace, name } of batch) {
      const workload = store.get(of, namespace, name)
      if (workload) reconcile(workload as Workload)
    }
  }

  function reconcile(workload: Workload): void {
    if (workload.kind === 'Deployment') reconcileDeployment(store, objects, workload, now())
    else if (workload.kind === 'ReplicaSet') reconcileReplicaSet(objects, pods, workload)
    else reconcileStatefulSet(objects, pods, workload)
  }

  const stopListening = store.onChange(({ type, object }: Change) => {
    if (type === 'DELETED') {
      removed.push(object)
      schedule()
    }
    enqueue(object.kind, object.metadata.namespace, object.metadata.name)
    for (const { kind, name } of object.metadata.ownerReferences ?? []) enqueue(kind, object.metadata.namespace, name)
  })
  return {
    stop() {
      stopListening()
      if (scheduled) clearImmediate(scheduled)
    },
  }
}

/** Garbage collection: what the removed object alone owned goes too. */
function removeDependents(store: Store, objects: Objects, { metadata: { uid, namespace } }: KubernetesObject): void {
  for (const of of resourceTypes) {
    for (const object of store.list(of, namespace)) {
      const owners = object.metadata.ownerReferences
      if (owners?.length && owners.every((owner) => owner.uid === uid)) objects.remove(of, object)
    }
  }
}

function isWorkload(kind: string): boolean {
  return kind === 'Deployment' || kind === 'ReplicaSet' || kind === 'StatefulSet'
}
