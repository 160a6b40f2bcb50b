import { CoreV1Api, KubeConfig, type V1Container } from '@kubernetes/client-node'
import { deploymentsApi } from '../../lab/shop/deployments.js'
import type { LabDescription, Side } from '../../lab/types.js'

/** What can befall an app's pods: they are processes of this machine. */
export function createPods({ kubernetes }: LabDescription) {
  const context = (side: Side) => `admin@${side}`
  const config = new KubeConfig()
  config.loadFromFile(kubernetes.kubeconfig)

  async function signal(side: Side, app: string, name: NodeJS.Signals): Promise<void> {
    config.setCurrentContext(context(side))
    const core = config.makeApiClient(CoreV1Api)
    const { items } = await core.listNamespacedPod({
      namespace: kubernetes.namespaces[side],
      labelSelector: `app=${app}`,
    })
    const ids = items.flatMap((pod) => pod.status?.containerStatuses ?? []).map(({ containerID }) => containerID ?? '')
    if (ids.length === 0) throw new Error(`${app} has no pod on the ${side}.`)
    // The container's group: the shop's program may have begun with a shell.
    for (const id of ids) process.kill(-Number(id.replace('process://', '')), name)
  }

  async function change(side: Side, app: string, to: (container: V1Container) => void): Promise<void> {
    const api = deploymentsApi(kubernetes.kubeconfig, context(side))
    const workload = { name: app, namespace: kubernetes.namespaces[side] }
    const body = await api.readNamespacedDeployment(workload)
    for (const container of body.spec!.template.spec!.containers) to(container)
    await api.replaceNamespacedDeployment({ ...workload, body })
  }

  return {
    /** From its next start on it ends at once, as with a wrong setting; `heal` takes it back. */
    cripple: (side: Side, app: string) =>
      change(side, app, (container) => container.env?.push({ name: 'NODE_OPTIONS', value: '--no-such-option' })),
    heal: (side: Side, app: string) => change(side, app, (container) => container.env?.pop()),
    pause: (side: Side, app: string) => signal(side, app, 'SIGSTOP'),
    resume: (side: Side, app: string) => signal(side, app, 'SIGCONT'),
    /** Null: without a limit. */
    async limitMemory(side: Side, app: string, limit: string | null): Promise<void> {
      await change(side, app, (container) => {
        if (limit === null) delete container.resources
        else container.resources = { limits: { memory: limit } }
      })
    },
  }
}
