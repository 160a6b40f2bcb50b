import { AuthenticationV1Api, CustomObjectsApi } from '@kubernetes/client-node'
import type { Access } from './access.js'
import { KubernetesError } from './errors.js'

/** Who the cluster says we are, never `$USER`: SelfSubjectReview (Kubernetes 1.28 and later), or OpenShift's own `users/~`. */
export function createWhoAmI(access: Access) {
  const authentication = new AuthenticationV1Api(access.configuration)
  const custom = new CustomObjectsApi(access.configuration)
  return async function whoAmI(): Promise<string> {
    try {
      const review = await access.call({ verb: 'create', resource: 'selfsubjectreviews' }, () =>
        authentication.createSelfSubjectReview({ body: {} }),
      )
      return named(review.status?.userInfo?.username)
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.code !== 'not-found') throw error
      const user: unknown = await access.call({ verb: 'get', resource: 'users.user.openshift.io', name: '~' }, () =>
        custom.getClusterCustomObject({ group: 'user.openshift.io', version: 'v1', plural: 'users', name: '~' }),
      )
      return named((user as { metadata?: { name?: string } }).metadata?.name)
    }
  }
}

function named(name: string | undefined): string {
  if (name) return name
  throw new KubernetesError('refused', 'The cluster did not say who we are. Use a kubeconfig with a user of its own.')
}
