import { AppsV1Api, CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { waitFor } from '../readiness.js'
import type { LabDescription, Side } from '../types.js'

/** What runs the shop's apps. */
export interface Workloads {
  /** Resolves when that many pods are ready, or at zero when none is left. */
  scale(side: Side, app: string, replicas: number): Promise<void>
}

const scaledWithinMs = 60_000

export function kubernetesWorkloads({ kubeconfig, contexts, namespaces }: LabDescription['kubernetes']): Workloads {
  const configOf = (side: Side) => {
    const config = new KubeConfig()
    config.loadFromFile(kubeconfig)
    config.setCurrentContext(contexts[side])
    return config
  }
  const apiOf = (side: Side) => {
    const config = configOf(side)
    return { apps: config.makeApiClient(AppsV1Api), core: config.makeApiClient(CoreV1Api) }
  }
  const apis = { source: apiOf('source'), target: apiOf('target') }

  return {
    scale: async (side, app, replicas) => {
      const { apps, core } = apis[side]
      const namespace = namespaces[side]
      const asMergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
      await apps.patchNamespacedDeploymentScale({ name: app, namespace, body: { spec: { replicas } } }, asMergePatch)
      const reached = await waitFor(async () => {
        const { items } = await core.listNamespacedPod({ namespace, labelSelector: `app=${app}` })
        const ready = items.filter((pod) =>
          pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
        )
        return items.length === replicas && ready.length === replicas ? true : undefined
      }, scaledWithinMs)
      if (!reached)
        throw new Error(
          `${app} on the ${side} was not at ${replicas} pods after ${scaledWithinMs / 1000} s: see its pods.`,
        )
    },
  }
}
