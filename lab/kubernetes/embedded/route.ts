/** What a request asks for, read from its method and address alone: authorization comes before the question whether it exists. */
export type Route = ResourceRoute | { readonly kind: 'path'; readonly path: string; readonly verb: string }

export interface ResourceRoute {
  readonly kind: 'resource'
  readonly verb: Verb
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly subresource: string | undefined
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

export function routeOf(method: string, { pathname, searchParams }: URL): Route {
  const parts = pathname.split('/').filter(Boolean).map(decodeURIComponent)
  const isCore = parts[0] === 'api'
  const prefix = isCore ? 2 : 3
  if ((!isCore && parts[0] !== 'apis') || parts.length <= prefix) {
    return { kind: 'path', path: pathname, verb: method.toLowerCase() }
  }
  const [group, version] = isCore ? ['', parts[1]!] : [parts[1]!, parts[2]!]
  let rest = parts.slice(prefix)
  let namespace: string | undefined
  // `namespaces/NAME` and `namespaces/NAME/status` are the Namespace itself; more is something inside of it.
  if (rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status') {
    namespace = rest[1]
    rest = rest.slice(2)
  } else if (rest[0] === 'namespaces') {
    namespace = rest[1]
  }
  const [resource, name, subresource] = rest
  const isWatch = ['true', '1'].includes(searchParams.get('watch') ?? '')
  const verb = verbOf(method, name !== undefined, isWatch)
  return { kind: 'resource', verb, group, version, resource: resource!, namespace, name, subresource }
}

function verbOf(method: string, isNamed: boolean, isWatch: boolean): Verb {
  switch (method) {
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return isNamed ? 'delete' : 'deletecollection'
    default:
      return isWatch ? 'watch' : isNamed ? 'get' : 'list'
  }
}
