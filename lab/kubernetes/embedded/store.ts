import type { KubernetesObject } from '../objects.js'
import type { ResourceType } from './resources.js'

/** A change of one object; `before` is there unless it was born. The version counts all changes of all objects. */
export interface Change {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly of: ResourceType
  readonly object: KubernetesObject
  readonly before: KubernetesObject | undefined
}

/** All objects, in memory, each one replaced and never changed in place. */
export interface Store {
  version(): number
  get(of: ResourceType, namespace: string | undefined, name: string): KubernetesObject | undefined
  /** Sorted by namespace and name; without a namespace all of them. */
  list(of: ResourceType, namespace?: string): KubernetesObject[]
  /** Stores it under a new resourceVersion, and answers it with that. */
  put(of: ResourceType, object: KubernetesObject): KubernetesObject
  remove(of: ResourceType, object: KubernetesObject): KubernetesObject
  /** What changed after `version`; undefined when that is forgotten. */
  since(version: number): readonly Change[] | undefined
  oldest(): number
  onChange(listener: (change: Change) => void): () => void
}

export function createStore(remembered: number): Store {
  const objects = new Map<string, Map<string, KubernetesObject>>()
  const listeners = new Set<(change: Change) => void>()
  let changes: Change[] = []
  // As on a real API server, where 1 lies before all memory.
  let version = 100
  let oldest = 100

  const shelf = (of: ResourceType) => {
    const key = `${of.group}/${of.plural}`
    const found = objects.get(key) ?? new Map<string, KubernetesObject>()
    objects.set(key, found)
    return found
  }

  function record(change: Change): void {
    changes.push(change)
    if (changes.length > 2 * remembered) {
      changes = changes.slice(-remembered)
      oldest = changes[0]!.version - 1
    }
    for (const listener of [...listeners]) listener(change)
  }

  return {
    version: () => version,
    get: (of, namespace, name) => shelf(of).get(keyOf(namespace, name)),
    list: (of, namespace) =>
      [...shelf(of).entries()]
        .filter(([, object]) => namespace === undefined || object.metadata.namespace === namespace)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, object]) => object),
    put(of, object) {
      const { namespace, name } = object.metadata
      const before = shelf(of).get(keyOf(namespace, name))
      const stored = withVersion(object, ++version)
      shelf(of).set(keyOf(namespace, name), stored)
      record({ version, type: before ? 'MODIFIED' : 'ADDED', of, object: stored, before })
      return stored
    },
    remove(of, object) {
      const { namespace, name } = object.metadata
      shelf(of).delete(keyOf(namespace, name))
      const removed = withVersion(object, ++version)
      record({ version, type: 'DELETED', of, object: removed, before: object })
      return removed
    },
    since: (after) => (after < oldest ? undefined : changes.filter((change) => change.version > after)),
    oldest: () => oldest,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`
}

function withVersion(object: KubernetesObject, version: number): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }
}
