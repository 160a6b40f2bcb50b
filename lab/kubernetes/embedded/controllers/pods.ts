import type { KubernetesObject, OwnerReference, Pod, PodTemplate } from '../../objects.js'
import type { Objects } from '../objects.js'
import { resourceOf } from '../resources.js'
import type { Store } from '../store.js'

/** Pods as their controllers see them. */
export interface Pods {
  ownedBy(owner: KubernetesObject): Pod[]
  create(
    owner: KubernetesObject,
    template: PodTemplate,
    naming: { name?: string; labels?: Record<string, string> },
  ): void
  remove(pod: Pod): void
}

export function createPods(store: Store, objects: Objects): Pods {
  const of = resourceOf('Pod')
  return {
    ownedBy: ({ metadata }) =>
      (store.list(of, metadata.namespace) as Pod[]).filter((pod) => controllerOf(pod)?.uid === metadata.uid),
    create(owner, template, { name, labels }) {
      objects.create(of, owner.metadata.namespace, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: name ?? '',
          ...(!name && { generateName: `${owner.metadata.name}-` }),
          labels: { ...template.metadata?.labels, ...labels },
          ...(template.metadata?.annotations && { annotations: template.metadata.annotations }),
          ownerReferences: [ownerReferenceTo(owner)],
        },
        spec: name ? { ...template.spec, hostname: name } : template.spec,
      } as Pod)
    },
    remove: (pod) => void objects.remove(of, pod),
  }
}

export function ownerReferenceTo({ apiVersion, kind, metadata: { name, uid } }: KubernetesObject): OwnerReference {
  return { apiVersion, kind, name, uid: uid ?? '', controller: true, blockOwnerDeletion: true }
}

export function controllerOf({ metadata }: KubernetesObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller)
}

/** Counts towards replicas: neither ended nor being ended. */
export function isActive({ metadata, status }: Pod): boolean {
  return !metadata.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false
}
