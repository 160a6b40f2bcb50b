import { CoreV1Api } from '@kubernetes/client-node'
import type { Access } from './access.js'
import { KubernetesError } from './errors.js'

/** The bot's own ConfigMap: heads and before-values, for the night on which Redis is lost. */
export function createConfigMaps(access: Access) {
  const core = new CoreV1Api(access.configuration)
  const { namespace, call } = access
  return {
    async get(name: string): Promise<{ data: Readonly<Record<string, string>>; resourceVersion: string } | undefined> {
      try {
        const found = await call({ verb: 'get', resource: 'configmaps', name }, () =>
          core.readNamespacedConfigMap({ name, namespace }),
        )
        return { data: found.data ?? {}, resourceVersion: found.metadata?.resourceVersion ?? '' }
      } catch (error) {
        if (error instanceof KubernetesError && error.code === 'not-found') return undefined
        throw error
      }
    },
    /** Makes it (no version), or replaces it as of `resourceVersion`; `conflict` when another has written since. */
    async put(name: string, data: Readonly<Record<string, string>>, resourceVersion?: string): Promise<void> {
      const metadata = { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'floodgate' } }
      if (resourceVersion === undefined)
        await call({ verb: 'create', resource: 'configmaps', name }, () =>
          core.createNamespacedConfigMap({ namespace, body: { metadata, data } }),
        )
      else
        await call({ verb: 'update', resource: 'configmaps', name }, () =>
          core.replaceNamespacedConfigMap({
            name,
            namespace,
            body: { metadata: { ...metadata, resourceVersion }, data },
          }),
        )
    },
  }
}
