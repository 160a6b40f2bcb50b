import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repository } from '../repository.js'
import type { Part, Progress, Side } from '../types.js'
import { accessOf } from './access.js'
import { type Api, createApi } from './api.js'
import { createCredentials } from './credentials.js'
import { startEmbedded } from './embedded/index.js'
import { kubeconfigText } from './kubeconfig.js'
import { type Limits, startKubelet } from './kubelet/index.js'
import { startReal } from './real/index.js'

export interface KubernetesOptions {
  /** The lab's folder. */
  readonly folder: string
  readonly kind: 'embedded' | 'real'
  readonly namespaces: Record<Side, string>
}

export interface Kubernetes extends Part {
  /** Path of the kubeconfig: contexts `source` and `target` for the bot, `admin@source`, `alice@target` and so on for the others. */
  readonly kubeconfig: string
  readonly contexts: Record<Side, string>
  readonly namespaces: Record<Side, string>
  /** The lab's own way in, with all rights. */
  readonly admin: Api
  readonly limits: Limits
}

/** Starts an API server, gives the bot and the people their rights, and runs pods as processes of this machine. */
export async function startKubernetes(
  { folder, kind, namespaces }: KubernetesOptions,
  progress: Progress,
): Promise<Kubernetes> {
  await mkdir(folder, { recursive: true })
  const credentials = await createCredentials()
  const parts: Part[] = []
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) await part.stop()
  }
  try {
    const server =
      kind === 'real'
        ? await startReal(
            { folder, credentials, namespaces, sources: join(repository(), 'lab/kubernetes/apiserver') },
            progress,
          )
        : await startEmbedded(credentials)
    parts.push(server)
    const kubeconfig = join(folder, 'kubeconfig.yaml')
    await writeFile(kubeconfig, kubeconfigText(server.server, credentials, namespaces), { mode: 0o600 })
    const admin = createApi({ server: server.server, ca: credentials.ca, token: credentials.users.admin.token })
    parts.push({ stop: async () => admin.close() })
    await provision(admin, namespaces)
    const kubelet = await startKubelet({ api: admin, credentials, folder, cwd: repository() })
    parts.push(kubelet)
    if ('missing' in kubelet.limits) progress(`pods have no memory and process limits here: ${kubelet.limits.missing}`)
    return {
      kubeconfig,
      contexts: { source: 'source', target: 'target' },
      namespaces,
      admin,
      limits: kubelet.limits,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function provision(admin: Api, namespaces: Record<Side, string>): Promise<void> {
  for (const name of new Set(Object.values(namespaces))) {
    await admin.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    for (const { path, object } of accessOf(name)) await admin.post(path, object)
  }
}
