import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { repository } from '../repository.js'
import { people } from './credentials.js'
import type { KubernetesObject } from './objects.js'

const rbac = 'rbac.authorization.k8s.io'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

const read = ['get', 'list', 'watch']

/** The very role that ships: the bot works with no more than what its installation asks for. */
const botRules = (): readonly Rule[] => parse(readFileSync(join(repository(), 'deploy/role.yaml'), 'utf8')).rules

const peopleRules: readonly Rule[] = [
  {
    apiGroups: ['apps'],
    resources: ['deployments', 'statefulsets', 'deployments/scale', 'statefulsets/scale'],
    verbs: read,
  },
  { apiGroups: [''], resources: ['pods', 'pods/log', 'configmaps', 'events'], verbs: read },
]

/** Roles and bindings of one namespace, by the path to post each to. */
export function accessOf(namespace: string): { path: string; object: KubernetesObject }[] {
  return [
    ...roleWithBinding(namespace, 'floodgate', botRules(), ['floodgate']),
    ...roleWithBinding(namespace, 'people', peopleRules, people),
  ]
}

function roleWithBinding(namespace: string, name: string, rules: readonly Rule[], users: readonly string[]) {
  const path = `/apis/${rbac}/v1/namespaces/${namespace}`
  const role = { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name, namespace }, rules }
  const binding = {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup: rbac, kind: 'Role', name },
    subjects: users.map((user) => ({ apiGroup: rbac, kind: 'User', name: user })),
  }
  return [
    { path: `${path}/roles`, object: role },
    { path: `${path}/rolebindings`, object: binding },
  ]
}
