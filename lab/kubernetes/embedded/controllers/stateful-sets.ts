import type { Pod, Workload } from '../../objects.js'
import type { Objects } from '../objects.js'
import { resourceOf } from '../resources.js'
import { hashOf } from './deployments.js'
import { isReady, type Pods } from './pods.js'

const revisionLabel = 'controller-revision-hash'

/** Keeps pods NAME-0, NAME-1, …: one after the other as each gets ready and, downwards, as each is gone; or all at once if Parallel. */
export function reconcileStatefulSet(objects: Objects, pods: Pods, set: Workload): void {
  const { metadata, spec } = set
  const revision = `${metadata.name}-${hashOf(spec.template)}`
  const isParallel = spec.podManagementPolicy === 'Parallel'
  const owned = pods.ownedBy(set)
  const at = new Map(owned.map((pod) => [ordinalOf(pod), pod]))

  for (let ordinal = 0; ordinal < spec.replicas; ordinal++) {
    const pod = at.get(ordinal)
    if (pod && hasEnded(pod) && !pod.metadata.deletionTimestamp) pods.remove(pod)
    if (!pod) pods.create(set, spec.template, identityOf(metadata.name, ordinal, revision))
    if (!isParallel && !(pod && isReady(pod) && !pod.metadata.deletionTimestamp)) break
  }
  const surplus = owned.filter((pod) => ordinalOf(pod) >= spec.replicas).sort((a, b) => ordinalOf(b) - ordinalOf(a))
  for (const pod of isParallel ? surplus : surplus.slice(0, 1)) if (!pod.metadata.deletionTimestamp) pods.remove(pod)
  if (surplus.length === 0) replaceOneOutdated(pods, owned, spec.replicas, revision)

  const remaining = pods.ownedBy(set)
  const ready = remaining.filter(isReady).length
  const updated = remaining.filter((pod) => revisionOf(pod) === revision).length
  const status = {
    observedGeneration: metadata.generation ?? 1,
    replicas: remaining.length,
    ...(ready > 0 && { readyReplicas: ready }),
    availableReplicas: ready,
    ...(updated > 0 && { currentReplicas: updated, updatedReplicas: updated }),
    currentRevision: revision,
    updateRevision: revision,
    collisionCount: 0,
  }
  objects.update(resourceOf('StatefulSet'), set, { ...set, status }, 'status')
}

/** A rolling update goes from the highest ordinal down, one pod at a time, while all others are ready. */
function replaceOneOutdated(pods: Pods, owned: readonly Pod[], replicas: number, revision: string): void {
  if (owned.length < replicas || !owned.every((pod) => isReady(pod) && !pod.metadata.deletionTimestamp)) return
  const outdated = owned.filter((pod) => revisionOf(pod) !== revision).sort((a, b) => ordinalOf(b) - ordinalOf(a))
  if (outdated[0]) pods.remove(outdated[0])
}

function identityOf(set: string, ordinal: number, revision: string) {
  const name = `${set}-${ordinal}`
  return {
    name,
    labels: {
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(ordinal),
      [revisionLabel]: revision,
    },
  }
}

function ordinalOf({ metadata: { name } }: Pod): number {
  return Number(name.slice(name.lastIndexOf('-') + 1))
}

function revisionOf({ metadata }: Pod): string | undefined {
  return metadata.labels?.[revisionLabel]
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}
