import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { labMark } from '../../strays.js'
import type { Part } from '../../types.js'
import type { Api } from '../api.js'
import type { Credentials } from '../credentials.js'
import type { List, Pod } from '../objects.js'
import { type Cgroups, openCgroups } from './cgroups.js'
import { startGuard } from './guard.js'
import { serveLogs } from './log-server.js'
import { nodeName, registerNode } from './node.js'
import { type RunningPod, runPod } from './pod.js'

export interface KubeletOptions {
  readonly api: Api
  readonly credentials: Credentials
  /** The lab's folder; logs lie in `pods/` below it. */
  readonly folder: string
  /** Where containers start. */
  readonly cwd: string
}

/** How limits are enforced: by the kernel, or not at all, and then why. */
export type Limits = Pick<Cgroups, 'version'> | { readonly missing: string }

/** Ends a pod's processes within this long when the lab goes down. */
const lastGraceMs = 5_000

/** Makes processes of pods, for whichever API server it is told of. */
export async function startKubelet({
  api,
  credentials,
  folder,
  cwd,
}: KubeletOptions): Promise<{ limits: Limits } & Part> {
  const now = () => new Date()
  const logs = join(folder, 'pods')
  await mkdir(logs, { recursive: true })
  const cgroups = await openCgroups(now())
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', LANG: 'C.UTF-8', [labMark]: folder }
  const guard = startGuard()
  const deps = { api, guard, cgroups: 'missing' in cgroups ? undefined : cgroups, folder: logs, cwd, env, now }
  const pods = new Map<string, { uid: string; runner: RunningPod }>()
  const ended = new AbortController()
  const leaving = new Set<Promise<void>>()

  const logServer = await serveLogs(credentials, (namespace, pod, container, isPrevious) => {
    return pods.get(`${namespace}/${pod}`)?.runner.log(container, isPrevious) ?? `pod "${pod}" is not on this node`
  })
  await registerNode(api, logServer.port, now())
  const watching = follow()

  async function follow(): Promise<void> {
    while (!ended.signal.aborted) {
      try {
        const { metadata, items } = await api.get<List<Pod>>('/api/v1/pods')
        const present = new Set(items.map(({ metadata: { uid } }) => uid))
        for (const [key, { uid }] of pods) if (!present.has(uid)) drop(key)
        for (const pod of items) see(pod)
        await api.watch(`/api/v1/pods?watch=true&resourceVersion=${metadata.resourceVersion}`, onEvent, ended.signal)
      } catch {
        // The API server restarts or a version has expired: list again.
        if (!ended.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 200))
      }
    }
  }

  function onEvent({ type, object }: { type: string; object: object }): void {
    if (type === 'ERROR') throw new Error('the watch has to start anew')
    if (type === 'DELETED') drop(keyOf(object as Pod), (object as Pod).metadata.uid)
    else if (type !== 'BOOKMARK') see(object as Pod)
  }

  function see(pod: Pod): void {
    const [key, uid] = [keyOf(pod), pod.metadata.uid ?? '']
    if (pods.get(key)?.uid !== uid) {
      drop(key)
      if (hasEnded(pod)) return
      pods.set(key, { uid, runner: runPod(deps, pod, nodeName) })
    }
    pods.get(key)?.runner.changed(pod)
  }

  function drop(key: string, uid?: string): void {
    const known = pods.get(key)
    if (!known || (uid !== undefined && known.uid !== uid)) return
    pods.delete(key)
    const leave = known.runner.stop(0).finally(() => leaving.delete(leave))
    leaving.add(leave)
  }

  return {
    limits: 'missing' in cgroups ? cgroups : { version: cgroups.version },
    async stop() {
      ended.abort()
      await watching
      await Promise.all([...leaving, ...[...pods.values()].map(({ runner }) => runner.stop(lastGraceMs))])
      await guard.stop()
      await logServer.stop()
      if (!('missing' in cgroups)) await cgroups.remove()
    },
  }
}

function keyOf({ metadata: { namespace, name } }: Pod): string {
  return `${namespace}/${name}`
}

function hasEnded({ status, metadata }: Pod): boolean {
  return !metadata.deletionTimestamp && (status?.phase === 'Succeeded' || status?.phase === 'Failed')
}
