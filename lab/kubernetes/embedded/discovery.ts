import { apiVersionOf, type ResourceType, resourceTypes } from './resources.js'

/** The version that the embedded API claims: that of the real one, so that nothing can tell them apart by it. */
const gitVersion = 'v1.33.13'

/** What can be read without naming an object: the version, the health, and which kinds there are. */
export function discover(path: string): unknown {
  switch (path.replace(/\/$/, '')) {
    case '/version':
      return {
        major: '1',
        minor: '33',
        gitVersion,
        gitCommit: '',
        gitTreeState: '',
        buildDate: '1970-01-01T00:00:00Z',
        goVersion: '',
        compiler: '',
        platform: 'linux/amd64',
      }
    case '/api':
      return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
    case '/api/v1':
      return resourceList('', 'v1')
    case '/apis':
      return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames().map(groupOf) }
    default:
      return discoverGroup(path)
  }
}

const reviews = [
  { group: 'authentication.k8s.io', plural: 'selfsubjectreviews', kind: 'SelfSubjectReview' },
  { group: 'authorization.k8s.io', plural: 'selfsubjectaccessreviews', kind: 'SelfSubjectAccessReview' },
]

function discoverGroup(path: string): unknown {
  const [, root, group, version, ...more] = path.split('/')
  if (root !== 'apis' || !group || more.length > 0 || !groupNames().includes(group)) return undefined
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) }
  return version === 'v1' ? resourceList(group, version) : undefined
}

function groupNames(): string[] {
  return [...new Set([...resourceTypes, ...reviews].map(({ group }) => group))].filter(Boolean)
}

function groupOf(name: string) {
  const version = { groupVersion: `${name}/v1`, version: 'v1' }
  return { name, versions: [version], preferredVersion: version }
}

function resourceList(group: string, version: string) {
  const types = resourceTypes.filter((type) => type.group === group && type.version === version)
  const created = reviews.filter((review) => review.group === group)
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: [
      ...types.flatMap(entriesOf),
      ...created.map(({ plural, kind }) => ({
        name: plural,
        singularName: kind.toLowerCase(),
        namespaced: false,
        kind,
        verbs: ['create'],
      })),
    ],
  }
}

function entriesOf({ plural, kind, namespaced, shortNames, subresources }: ResourceType) {
  const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
  const main = {
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
  }
  const below = subresources.map((subresource) => ({
    name: `${plural}/${subresource}`,
    singularName: '',
    namespaced,
    ...(subresource === 'scale' && { group: 'autoscaling', version: 'v1' }),
    kind: { scale: 'Scale', binding: 'Binding', status: kind, log: kind }[subresource],
    verbs: { scale: ['get', 'patch', 'update'], binding: ['create'], status: ['get', 'patch', 'update'], log: ['get'] }[
      subresource
    ],
  }))
  return [main, ...below]
}
