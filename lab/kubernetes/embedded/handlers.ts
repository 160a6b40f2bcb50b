import type { ServerResponse } from 'node:http'
import type { Credentials } from '../credentials.js'
import type { KubernetesObject, Pod, Workload } from '../objects.js'
import { proxyLogs } from './logs.js'
import type { Objects, RemoveOptions } from './objects.js'
import { applyPatch } from './patch.js'
import { badRequest, conflict, methodNotAllowed, unknownPath } from './refusal.js'
import { apiVersionOf, findResource, type ResourceType } from './resources.js'
import type { ResourceRoute } from './route.js'
import { type Scale, scaled, scaleOf } from './scale.js'
import { selection } from './select.js'
import type { Store } from './store.js'
import { serveWatch, type WatchTimes } from './watch.js'

export interface Call {
  readonly route: ResourceRoute
  readonly query: URLSearchParams
  readonly body: unknown
  readonly mediaType: string
  readonly response: ServerResponse
}

interface Answer {
  readonly code: number
  readonly body: unknown
}

/** What each verb does. No answer means that the handler has answered by itself, or is still streaming. */
export function createHandlers(store: Store, objects: Objects, credentials: Credentials, times: WatchTimes) {
  return async function handle(call: Call): Promise<Answer | undefined> {
    const { route, query, response } = call
    const of = findResource(route.group, route.version, route.resource)
    if (!of) throw unknownPath()
    if (route.subresource) return onSubresource(of, call)
    switch (route.verb) {
      case 'list':
        return ok(list(of, route.namespace, query))
      case 'watch':
        serveWatch(store, of, namespaceOf(of, route), withName(query, route.name), response, times)
        return undefined
      case 'get':
        return ok(one(of, route))
      case 'create':
        return { code: 201, body: objects.create(of, route.namespace, call.body as KubernetesObject, dryRun(query)) }
      case 'update':
        return ok(objects.update(of, one(of, route), call.body as KubernetesObject, 'object', dryRun(query)))
      case 'patch': {
        const before = one(of, route)
        return ok(objects.update(of, before, applyPatch(before, call.body, call.mediaType), 'object', dryRun(query)))
      }
      case 'delete':
        return remove(of, one(of, route), call)
      case 'deletecollection':
        for (const object of selected(of, route.namespace, query)) remove(of, object, call)
        return ok(list(of, route.namespace, query))
    }
  }

  async function onSubresource(of: ResourceType, call: Call): Promise<Answer | undefined> {
    const { route, query, body, response } = call
    const before = one(of, route)
    const served = of.subresources.find((subresource) => subresource === route.subresource)
    switch (served) {
      case undefined:
        throw unknownPath()
      case 'log':
        if (route.verb !== 'get') throw methodNotAllowed()
        await proxyLogs(store, credentials, before as Pod, query, response)
        return undefined
      case 'binding':
        if (route.verb !== 'create') throw methodNotAllowed()
        return bind(of, before as Pod, (body as { target?: { name?: string } }).target?.name)
      case 'status':
        if (route.verb === 'get') return ok(before)
        return ok(objects.update(of, before, changed(before, call) as KubernetesObject, 'status', dryRun(query)))
      case 'scale': {
        const scale = scaleOf(before as Workload)
        if (route.verb === 'get') return ok(scale)
        const after = objects.update(
          of,
          before,
          scaled(of, before as Workload, changed(scale, call) as Scale),
          'object',
          dryRun(query),
        )
        return ok(scaleOf(after as Workload))
      }
    }
  }

  function changed(before: object, { route, body, mediaType }: Call): unknown {
    if (route.verb === 'update') return body
    if (route.verb === 'patch') return applyPatch(before, body, mediaType)
    throw methodNotAllowed()
  }

  function bind(of: ResourceType, pod: Pod, nodeName: string | undefined): Answer {
    const { name } = pod.metadata
    if (!nodeName) throw badRequest('a binding names its node in target.name')
    if (pod.spec.nodeName) throw conflict(of, name, `pod ${name} is already assigned to node "${pod.spec.nodeName}"`)
    store.put(of, { ...pod, spec: { ...pod.spec, nodeName } } as Pod)
    return { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } }
  }

  function remove(of: ResourceType, object: KubernetesObject, { query, body }: Call): Answer {
    const asked = (body ?? {}) as RemoveOptions
    const fromQuery = query.get('gracePeriodSeconds')
    const gracePeriodSeconds = fromQuery === null ? asked.gracePeriodSeconds : Number(fromQuery)
    const { object: removed } = objects.remove(of, object, {
      gracePeriodSeconds,
      preconditions: asked.preconditions,
      ...dryRun(query),
    })
    if (of.kind === 'Pod') return ok(removed)
    const details = {
      name: object.metadata.name,
      ...(of.group && { group: of.group }),
      kind: of.plural,
      uid: object.metadata.uid,
    }
    return ok({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details })
  }

  function one(of: ResourceType, { namespace, name }: ResourceRoute): KubernetesObject {
    if (name === undefined) throw methodNotAllowed()
    return objects.get(of, of.namespaced ? namespace : undefined, name)
  }

  function selected(of: ResourceType, namespace: string | undefined, query: URLSearchParams): KubernetesObject[] {
    return store.list(of, of.namespaced ? namespace : undefined).filter(selection(query))
  }

  function list(of: ResourceType, namespace: string | undefined, query: URLSearchParams) {
    const items = selected(of, namespace, query).map(({ kind: _k, apiVersion: _a, ...item }) => item)
    return {
      kind: `${of.kind}List`,
      apiVersion: apiVersionOf(of),
      metadata: { resourceVersion: String(store.version()) },
      items,
    }
  }
}

function ok(body: unknown): Answer {
  return { code: 200, body }
}

function namespaceOf(of: ResourceType, { namespace }: ResourceRoute): string | undefined {
  return of.namespaced ? namespace : undefined
}

function withName(query: URLSearchParams, name: string | undefined): URLSearchParams {
  if (name === undefined) return query
  const narrowed = new URLSearchParams(query)
  narrowed.set('fieldSelector', `metadata.name=${name}`)
  return narrowed
}

function dryRun(query: URLSearchParams): { dryRun: boolean } {
  return { dryRun: query.get('dryRun') === 'All' }
}
