import { existsSync } from 'node:fs'
import {
  type AuthMethods,
  createConfiguration,
  KubeConfig,
  type RequestContext,
  ServerConfiguration,
} from '@kubernetes/client-node'
import { type Attempted, explain, KubernetesError } from './errors.js'

/** Where a cluster is and as whom it is asked. */
export interface AccessOptions {
  /** Path of a kubeconfig; left out: KUBECONFIG or ~/.kube/config. */
  readonly kubeconfig?: string
  /** A context of the kubeconfig, or `in-cluster` for the pod's own service account. */
  readonly context: string
  readonly namespace: string
  /** Deadline of every call. */
  readonly withinMs?: number
}

export type Access = ReturnType<typeof createAccess>

export function createAccess({ kubeconfig, context, namespace, withinMs = 5000 }: AccessOptions) {
  const config = load(kubeconfig, context)
  const server = config.getCurrentCluster()?.server
  if (!server)
    throw new KubernetesError('config', `Context ${context} names no cluster. Contexts known: ${names(config)}.`)
  const auth = reusingConnections(config)
  const configurationWithin = (ms: number) =>
    createConfiguration({
      baseServer: new ServerConfiguration(server, {}),
      authMethods: { default: auth },
      promiseMiddleware: [
        {
          pre: async (request) => {
            request.setSignal(AbortSignal.timeout(ms))
            return request
          },
          post: async (response) => response,
        },
      ],
    })
  return {
    config,
    configuration: configurationWithin(withinMs),
    /** For the calls of an effect, which must all be over before another replica may take it. */
    quickConfiguration: configurationWithin(Math.min(withinMs, effectCallMs)),
    namespace,
    /** Runs one call; whatever it throws comes out coded. */
    async call<T>(attempted: Pick<Attempted, 'verb' | 'resource' | 'name'>, run: () => Promise<T>): Promise<T> {
      try {
        return await run()
      } catch (error) {
        throw explain(error, { ...attempted, context, namespace })
      }
    },
  }
}

const effectCallMs = 2000

/** The context that stands for the pod's own service account; it must be asked for, or two sides could silently be one cluster. */
const inCluster = 'in-cluster'

function load(path: string | undefined, context: string): KubeConfig {
  const config = new KubeConfig()
  if (context === inCluster) {
    config.loadFromCluster()
    return config
  }
  if (path !== undefined && !existsSync(path))
    throw new KubernetesError(
      'config',
      `Kubeconfig ${path} does not exist. Set KUBECONFIG to one that holds context ${context}.`,
    )
  if (path === undefined) config.loadFromDefault()
  else config.loadFromFile(path)
  if (!config.getContextObject(context))
    throw new KubernetesError(
      'config',
      `There is no context ${context} in the kubeconfig. Contexts known: ${names(config)}, ${inCluster}.`,
    )
  config.setCurrentContext(context)
  return config
}

const names = (config: KubeConfig) => config.contexts.map(({ name }) => name).join(', ') || 'none'

/** The client makes a new connection pool for every request; TLS handshakes would cost more than the calls. Renewed with the credentials. */
function reusingConnections(config: KubeConfig): NonNullable<AuthMethods['default']> {
  let kept: { dispatcher: NonNullable<ReturnType<RequestContext['getDispatcher']>>; untilMs: number } | undefined
  return {
    getName: () => config.getName(),
    async applySecurityAuthentication(request) {
      await config.applySecurityAuthentication(request)
      const fresh = request.getDispatcher()
      if (!fresh) return
      if (!kept || kept.untilMs < performance.now()) kept = { dispatcher: fresh, untilMs: performance.now() + 300_000 }
      request.setDispatcher(kept.dispatcher)
    },
  }
}
