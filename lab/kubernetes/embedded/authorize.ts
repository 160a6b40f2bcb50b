import type { User } from '../credentials.js'
import type { KubernetesObject } from '../objects.js'
import { qualified, Refusal } from './refusal.js'
import { resourceOf } from './resources.js'
import type { ResourceRoute, Route } from './route.js'
import type { Store } from './store.js'

export type Caller = Pick<User, 'groups'> & { readonly name: string }

export const anonymous: Caller = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

export interface Asked {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource?: string | undefined
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

interface Role extends KubernetesObject {
  rules: { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }[]
}

interface RoleBinding extends KubernetesObject {
  roleRef: { kind: string; name: string }
  subjects: { kind: string; name: string }[]
}

/** Decides as RBAC does, from the Roles and RoleBindings in the store. Every person may ask who they are and what they may do. */
export function createAuthorizer(store: Store): {
  may(caller: Caller, asked: Asked): boolean
  require(caller: Caller, route: Route): void
} {
  function may({ name: user, groups }: Caller, asked: Asked): boolean {
    if (groups.includes('system:masters')) return true
    if (isAboutSelf(asked) && user !== anonymous.name) return true
    if (asked.namespace === undefined) return false
    const bindings = store.list(resourceOf('RoleBinding'), asked.namespace) as RoleBinding[]
    return bindings
      .filter(({ subjects }) =>
        subjects.some(({ kind, name }) => (kind === 'User' ? name === user : groups.includes(name))),
      )
      .map(({ roleRef }) => store.get(resourceOf('Role'), asked.namespace, roleRef.name) as Role | undefined)
      .some((role) => role?.rules.some((rule) => permits(rule, asked)))
  }

  function require(caller: Caller, route: Route): void {
    if (route.kind === 'path') {
      if (caller.name === anonymous.name && !isPublic(route.path)) throw forbiddenPath(caller, route.path, route.verb)
    } else if (!may(caller, route)) {
      throw forbidden(caller, route)
    }
  }

  return { may, require }
}

function permits(rule: Role['rules'][number], { verb, group, resource, subresource, name }: Asked): boolean {
  const wanted = subresource ? `${resource}/${subresource}` : resource
  const has = (list: readonly string[], item: string) => list.includes('*') || list.includes(item)
  const isNamed = !rule.resourceNames || (name !== undefined && rule.resourceNames.includes(name))
  return has(rule.apiGroups, group) && has(rule.resources, wanted) && has(rule.verbs, verb) && isNamed
}

function isAboutSelf({ verb, group, resource }: Asked): boolean {
  return (
    verb === 'create' &&
    ((group === 'authentication.k8s.io' && resource === 'selfsubjectreviews') ||
      (group === 'authorization.k8s.io' && resource === 'selfsubjectaccessreviews'))
  )
}

function isPublic(path: string): boolean {
  return ['/version', '/healthz', '/livez', '/readyz'].includes(path.replace(/\/$/, ''))
}

function forbidden(
  { name: user }: Caller,
  { verb, group, resource, subresource, namespace, name }: ResourceRoute,
): Refusal {
  const what = `${qualified({ plural: resource, group })}${name ? ` "${name}"` : ''}`
  const wanted = subresource ? `${resource}/${subresource}` : resource
  const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope'
  const text = `${what} is forbidden: User "${user}" cannot ${verb} resource "${wanted}" in API group "${group}" ${where}`
  return new Refusal(403, 'Forbidden', text, { ...(name && { name }), ...(group && { group }), kind: resource })
}

function forbiddenPath({ name }: Caller, path: string, verb: string): Refusal {
  return new Refusal(403, 'Forbidden', `forbidden: User "${name}" cannot ${verb} path "${path}"`, {})
}
