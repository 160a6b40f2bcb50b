import { ApiError } from '../api.js'
import type { Pod, PodStatus } from '../objects.js'
import { type ContainerDeps, type RunningContainer, runContainer } from './container.js'
import type { LogFile } from './log-file.js'
import { podStatus } from './status.js'

/** One pod on the node, from its binding to its end. */
export interface RunningPod {
  /** The pod as the API has it now; from its deletion timestamp on it is on its way out. */
  changed(pod: Pod): void
  /** The API has it no more, or the lab ends: its processes get `graceMs`. */
  stop(graceMs: number): Promise<void>
  log(container: string, isPrevious: boolean): LogFile | string
}

export function runPod(deps: ContainerDeps, first: Pod, nodeName: string): RunningPod {
  const { api, now } = deps
  const { name, namespace, uid } = first.metadata
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`
  const startTime = now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
  const containers = new Map<string, RunningContainer>()
  let told: PodStatus | undefined
  let reporting = Promise.resolve()
  let isReportDue = false
  let isGone = false
  let ending: Promise<void> | undefined

  const started = start()

  async function start(): Promise<void> {
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name },
      target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
    }
    if (!first.spec.nodeName) await attempt(() => api.post(`${path}/binding`, binding))
    if (isGone || ending || first.metadata.deletionTimestamp) return
    const bound = { ...first, spec: { ...first.spec, nodeName } }
    for (const container of first.spec.containers)
      containers.set(container.name, runContainer(deps, bound, container, report))
    report()
  }

  /** One report at a time, always of the newest state: what has changed while one was on its way goes with the next. */
  function report(): void {
    if (isReportDue) return
    isReportDue = true
    reporting = reporting.then(async () => {
      isReportDue = false
      if (isGone || containers.size < first.spec.containers.length) return
      told = podStatus(
        [...containers.values()].map((container) => container.status()),
        told,
        startTime,
        now(),
      )
      const status = told
      await attempt(() => api.patch(`${path}/status`, { metadata: { uid }, status }))
    })
  }

  /** Until it is done, or the pod turns out to be gone or another of the same name. */
  async function attempt(call: () => Promise<unknown>): Promise<void> {
    while (!isGone) {
      try {
        return void (await call())
      } catch (error) {
        if (error instanceof ApiError && error.code < 500) return
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    }
  }

  async function end(graceMs: number): Promise<void> {
    await started
    await stopContainers(graceMs)
    report()
    await reporting
    // The status with the exit codes goes first, so that watchers see how it ended.
    await attempt(() =>
      api.remove(path, { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0, preconditions: { uid } }),
    )
  }

  async function stopContainers(graceMs: number): Promise<void> {
    await Promise.all([...containers.values()].map((container) => container.stop(graceMs)))
  }

  return {
    changed({ metadata }) {
      if (metadata.deletionTimestamp) ending ??= end((metadata.deletionGracePeriodSeconds ?? 0) * 1000)
    },
    async stop(graceMs) {
      isGone = true
      await started
      await stopContainers(graceMs)
    },
    log: (container, isPrevious) =>
      containers.get(container)?.log(isPrevious) ?? `container "${container}" in pod "${name}" is waiting to start`,
  }
}
