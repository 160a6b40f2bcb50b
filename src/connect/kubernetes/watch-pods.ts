import { CoreV1Api, type V1Pod, Watch } from '@kubernetes/client-node'
import type { Access } from './access.js'
import { KubernetesError } from './errors.js'
import { type Pod, podOf } from './pod.js'

/** One change of one pod: made (no `before`), changed, or gone (no `now`). */
export interface PodChange {
  readonly before?: Pod
  readonly now?: Pod
}

export interface PodWatch {
  onChange(change: PodChange): void
  /** The watch is broken and is being made again; it is told once per outage, and `undefined` when it works again. */
  onTrouble(trouble: KubernetesError | undefined): void
}

/**
 * Watches until `signal` aborts. It lists, then watches from that version; when the connection ends it goes on from the last version seen, and when that is
 * too old it lists again and tells what changed in between by comparing. So a restart that happened while it was cut off is still told.
 */
export function createWatchPods(access: Access) {
  const core = new CoreV1Api(access.configuration)
  const watch = new Watch(access.config)
  const { namespace, call } = access

  return async function watchPods({ onChange, onTrouble }: PodWatch, signal: AbortSignal): Promise<void> {
    const known = new Map<string, Pod>()
    const tell = (name: string, now: Pod | undefined) => {
      const before = known.get(name)
      if (now) known.set(name, now)
      else known.delete(name)
      if (before || now) onChange({ ...(before ? { before } : {}), ...(now ? { now } : {}) })
    }
    let version: string | undefined
    let failures = 0
    const worksAgain = () => {
      if (failures > 0) onTrouble(undefined)
      failures = 0
    }

    while (!signal.aborted) {
      try {
        if (version === undefined) {
          const list = await call({ verb: 'list', resource: 'pods' }, () => core.listNamespacedPod({ namespace }))
          const now = new Map(list.items.map(podOf).map((pod) => [pod.name, pod]))
          for (const name of known.keys()) if (!now.has(name)) tell(name, undefined)
          for (const [name, pod] of now) tell(name, pod)
          version = list.metadata?.resourceVersion
          worksAgain()
        }
        version = await follow(version)
        await pause(leastBetweenMs, signal)
      } catch (error) {
        failures += 1
        version = undefined
        if (failures === 1 && !signal.aborted) onTrouble(asTrouble(error))
        await pause(Math.min(5000, 100 * 2 ** failures), signal)
      }
    }

    /** Resolves with the version to go on from, undefined when that is too old; rejects when the watch cannot be made. */
    async function follow(from: string | undefined): Promise<string | undefined> {
      let last = from
      const path = `/api/v1/namespaces/${namespace}/pods`
      const query = { resourceVersion: from, allowWatchBookmarks: true, timeoutSeconds: 240 }
      return await call(
        { verb: 'watch', resource: 'pods' },
        () =>
          new Promise<string | undefined>((resolve, reject) => {
            const took = (type: string, object: V1Pod): void => {
              if (type === 'ERROR') {
                last = undefined
                return
              }
              last = object.metadata?.resourceVersion ?? last
              worksAgain()
              if (type !== 'BOOKMARK') tell(object.metadata?.name ?? '', type === 'DELETED' ? undefined : podOf(object))
            }
            let controller: AbortController | undefined
            const stop = () => {
              controller?.abort()
              resolve(last)
            }
            signal.addEventListener('abort', stop, { once: true })
            const done = (error: unknown) => {
              signal.removeEventListener('abort', stop)
              if (neverBegan(error)) reject(error)
              else resolve(last)
            }
            void watch.watch(path, query, took, done).then((begun) => {
              controller = begun
              if (signal.aborted) begun.abort()
            }, reject)
          }),
      )
    }
  }
}

const leastBetweenMs = 100

/** A watch that was idle for 30 s or was cut in the middle also ends with an error, and only needs to go on. */
function neverBegan(error: unknown): boolean {
  const { statusCode, message } = (error ?? {}) as { statusCode?: number; message?: string }
  return statusCode !== undefined || message === 'fetch failed'
}

function asTrouble(error: unknown): KubernetesError {
  return error instanceof KubernetesError ? error : new KubernetesError('unreachable', String(error))
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, ms)
    signal.addEventListener('abort', finish, { once: true })
    function finish() {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
  })
}
