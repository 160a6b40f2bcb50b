import { randomBytes, randomUUID } from 'node:crypto'
import type { KubernetesObject, Metadata, Pod } from '../objects.js'
import { timeText } from '../time.js'
import { withDefaults } from './defaults.js'
import { alreadyExists, badRequest, conflict, notFound } from './refusal.js'
import { apiVersionOf, type ResourceType, resourceOf } from './resources.js'
import type { Store } from './store.js'
import { validate } from './validate.js'

/** How objects are born, changed and removed: the rules that hold for each write, whoever the writer is. */
export interface Objects {
  get(of: ResourceType, namespace: string | undefined, name: string): KubernetesObject
  create(
    of: ResourceType,
    namespace: string | undefined,
    body: KubernetesObject,
    options?: WriteOptions,
  ): KubernetesObject
  /** `part` is what the writer may change: all but the status, or the status alone. */
  update(
    of: ResourceType,
    before: KubernetesObject,
    after: KubernetesObject,
    part: 'object' | 'status',
    options?: WriteOptions,
  ): KubernetesObject
  remove(
    of: ResourceType,
    object: KubernetesObject,
    options?: RemoveOptions,
  ): { object: KubernetesObject; isGone: boolean }
}

export interface WriteOptions {
  readonly dryRun?: boolean
}

export interface RemoveOptions extends WriteOptions {
  readonly gracePeriodSeconds?: number | undefined
  readonly preconditions?: { uid?: string; resourceVersion?: string } | undefined
}

const countsGenerations = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'KafkaMirrorMaker2', 'KafkaConnector'])

export function createObjects(store: Store, now: () => Date): Objects {
  function get(of: ResourceType, namespace: string | undefined, name: string): KubernetesObject {
    const found = store.get(of, namespace, name)
    if (!found) throw notFound(of, name)
    return found
  }

  function create(
    of: ResourceType,
    namespace: string | undefined,
    body: KubernetesObject,
    { dryRun }: WriteOptions = {},
  ) {
    if (!body?.metadata) throw badRequest('the object has no metadata')
    if (body.kind !== undefined && body.kind !== of.kind)
      throw badRequest(`${body.kind} in version "${body.apiVersion}" cannot be handled as a ${of.kind}`)
    if (of.namespaced && body.metadata.namespace && body.metadata.namespace !== namespace) {
      throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`)
    }
    if (of.namespaced) get(resourceOf('Namespace'), undefined, namespace!)
    const named = withDefaults({
      ...body,
      apiVersion: apiVersionOf(of),
      kind: of.kind,
      metadata: bornWith(body.metadata, of, namespace),
    })
    validate(of, named)
    if (store.get(of, namespace, named.metadata.name)) throw alreadyExists(of, named.metadata.name)
    return dryRun ? named : store.put(of, named)
  }

  function bornWith(
    { name, generateName, labels, annotations, ownerReferences, finalizers }: Metadata,
    of: ResourceType,
    namespace: string | undefined,
  ): Metadata {
    return {
      name: name || (generateName ? `${generateName}${randomSuffix()}` : ''),
      ...(generateName && { generateName }),
      ...(of.namespaced && namespace && { namespace }),
      uid: randomUUID(),
      ...(countsGenerations.has(of.kind) && { generation: 1 }),
      creationTimestamp: now()
        .toISOString()
        .replace(/\.\d+Z$/, 'Z'),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(ownerReferences && { ownerReferences }),
      ...(finalizers && { finalizers }),
    }
  }

  function update(
    of: ResourceType,
    before: KubernetesObject,
    after: KubernetesObject,
    part: 'object' | 'status',
    { dryRun }: WriteOptions = {},
  ) {
    const { name, resourceVersion, uid } = after.metadata
    if (name !== before.metadata.name)
      throw badRequest(`the name of the object (${name}) does not match the name on the URL (${before.metadata.name})`)
    if (resourceVersion && resourceVersion !== before.metadata.resourceVersion) throw conflict(of, name)
    if (uid && uid !== before.metadata.uid)
      throw conflict(
        of,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`,
      )
    const next = part === 'status' ? { ...before, status: after.status } : withoutForgery(of, before, after)
    validate(of, next, before)
    if (JSON.stringify(next) === JSON.stringify(before)) return before
    return dryRun ? next : store.put(of, next)
  }

  function remove(
    of: ResourceType,
    object: KubernetesObject,
    { dryRun, gracePeriodSeconds, preconditions }: RemoveOptions = {},
  ) {
    const { name, uid, resourceVersion, deletionTimestamp, deletionGracePeriodSeconds } = object.metadata
    if (preconditions?.uid && preconditions.uid !== uid)
      throw conflict(
        of,
        name,
        `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`,
      )
    if (preconditions?.resourceVersion && preconditions.resourceVersion !== resourceVersion) throw conflict(of, name)
    const graceSeconds = gracePeriodSeconds ?? graceOf(object)
    if (graceSeconds === 0) return { object: dryRun ? object : store.remove(of, object), isGone: true }
    if (deletionTimestamp && graceSeconds >= (deletionGracePeriodSeconds ?? 0)) return { object, isGone: false }
    const metadata = {
      ...object.metadata,
      deletionTimestamp: timeText(new Date(now().getTime() + graceSeconds * 1000)),
      deletionGracePeriodSeconds: graceSeconds,
    }
    const dying = { ...object, metadata }
    return { object: dryRun ? dying : store.put(of, dying), isGone: false }
  }

  return { get, create, update, remove }
}

/** Only a pod that has a node is given time to end. */
function graceOf(object: KubernetesObject): number {
  if (object.kind !== 'Pod') return 0
  const { spec } = object as Pod
  return spec.nodeName ? (spec.terminationGracePeriodSeconds ?? 30) : 0
}

function withoutForgery(of: ResourceType, before: KubernetesObject, after: KubernetesObject): KubernetesObject {
  const { labels, annotations, ownerReferences, finalizers } = after.metadata
  const { labels: _l, annotations: _a, ownerReferences: _o, finalizers: _f, ...own } = before.metadata
  const kept = of.subresources.includes('status') ? { status: before.status } : {}
  const next = withDefaults({ ...after, ...kept, apiVersion: before.apiVersion, kind: before.kind, metadata: own })
  const isNewSpec = JSON.stringify(next.spec) !== JSON.stringify(before.spec)
  next.metadata = {
    ...own,
    ...(countsGenerations.has(of.kind) && isNewSpec && { generation: (own.generation ?? 0) + 1 }),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(ownerReferences && { ownerReferences }),
    ...(finalizers && { finalizers }),
  }
  if (next.status === undefined) delete next.status
  return next
}

const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789'

function randomSuffix(): string {
  return [...randomBytes(5)].map((byte) => suffixLetters[byte % suffixLetters.length]).join('')
}
