import { join } from 'node:path'
import type { Api } from '../api.js'
import type { Container, ContainerState, ContainerStatus, Pod, Termination } from '../objects.js'
import type { Cgroup, Cgroups } from './cgroups.js'
import { commandOf, MissingReference } from './environment.js'
import type { Guard } from './guard.js'
import { createLogFile, type LogFile } from './log-file.js'
import { type ContainerProcess, type Exit, startContainerProcess } from './process.js'
import { bytesOf } from './quantity.js'

export interface ContainerDeps {
  readonly api: Api
  readonly cgroups: Cgroups | undefined
  readonly guard: Guard
  /** Below it lie the logs: `NAMESPACE_POD_UID/CONTAINER/START.log`. */
  readonly folder: string
  readonly cwd: string
  readonly env: Record<string, string>
  readonly now: () => Date
}

/** One container of a pod, through all its restarts. */
export interface RunningContainer {
  status(): ContainerStatus
  log(isPrevious: boolean): LogFile | string
  /** SIGTERM, and SIGKILL when the grace is over; resolves when it has ended for good. */
  stop(graceMs: number): Promise<void>
}

/** Annotation of a pod: how many processes and threads a container may have. Memory is `resources.limits.memory`. */
const pidsAnnotation = 'floodgate.lab/pids'
const firstBackOffMs = 500
const longestBackOffMs = 10_000
/** Who ran this long starts over with the shortest wait. */
const steadyAfterMs = 60_000

export function runContainer(
  deps: ContainerDeps,
  pod: Pod,
  container: Container,
  onChange: () => void,
): RunningContainer {
  const { folder, cwd, now } = deps
  const logs: LogFile[] = []
  const stopping = new AbortController()
  let state: ContainerState = { waiting: { reason: 'ContainerCreating' } }
  let lastState: ContainerState = {}
  let isReady = false
  let restartCount = 0
  let running: ContainerProcess | undefined
  let backOffMs = firstBackOffMs

  const ended = live()

  async function live(): Promise<void> {
    while (!stopping.signal.aborted) {
      const termination = await start()
      if (!termination) continue
      lastState = { terminated: termination }
      if (stopping.signal.aborted || !restarts(pod, termination)) return become({ terminated: termination })
      if (Date.parse(termination.finishedAt) - Date.parse(termination.startedAt) > steadyAfterMs)
        backOffMs = firstBackOffMs
      await backOff()
      restartCount += 1
    }
  }

  /** One start to its end; undefined when it could not start yet. */
  async function start(): Promise<Termination | undefined> {
    const launched = await launch().catch(async (error: Error) => {
      const reason = error instanceof MissingReference ? 'CreateContainerConfigError' : 'CreateContainerError'
      become({ waiting: { reason, message: error.message } })
      await pause(1_000, stopping.signal)
    })
    if (!launched) return undefined
    running = launched
    const [startedAt, containerID] = [now().toISOString(), `process://${launched.pid}`]
    become({ running: { startedAt } })
    if (stopping.signal.aborted) launched.signal('SIGTERM')
    const exit = await launched.exit
    running = undefined
    isReady = false
    return { exitCode: exit.exitCode, reason: reasonOf(exit), startedAt, finishedAt: now().toISOString(), containerID }
  }

  async function launch(): Promise<ContainerProcess> {
    const { env, command } = await commandOf(deps.api, pod, container, deps.env)
    const cgroup = await limitedGroup()
    const { namespace, name, uid } = pod.metadata
    const log = createLogFile(join(folder, `${namespace}_${name}_${uid}`, container.name, `${restartCount}.log`), now)
    logs[restartCount] = log
    return startContainerProcess(
      { command, env, cwd: container.workingDir ?? cwd, log, cgroup, guard: deps.guard },
      (line) => {
        // The lab's readiness probe: what the process says of itself, as a line of its own.
        if (line !== 'ready' && line !== 'not ready') return
        isReady = line === 'ready'
        onChange()
      },
    )
  }

  async function limitedGroup(): Promise<Cgroup | undefined> {
    const memoryBytes = bytesOf(container.resources?.limits?.memory)
    const pids = bytesOf(pod.metadata.annotations?.[pidsAnnotation])
    if (memoryBytes === undefined && pids === undefined) return undefined
    return deps.cgroups?.create(`${pod.metadata.uid}-${container.name}-${restartCount}`, { memoryBytes, pids })
  }

  async function backOff(): Promise<void> {
    const message = `back-off ${backOffMs / 1000}s restarting failed container=${container.name} pod=${pod.metadata.name}`
    become({ waiting: { reason: 'CrashLoopBackOff', message } })
    await pause(backOffMs, stopping.signal)
    backOffMs = Math.min(backOffMs * 2, longestBackOffMs)
  }

  function become(next: ContainerState): void {
    state = next
    onChange()
  }

  return {
    status: () => ({
      name: container.name,
      image: container.image ?? '',
      imageID: '',
      ...(running && { containerID: `process://${running.pid}` }),
      ready: isReady,
      started: running !== undefined,
      restartCount,
      state,
      lastState: state.terminated ? {} : lastState,
    }),
    log: (isPrevious) =>
      logs[isPrevious ? restartCount - 1 : restartCount] ??
      (isPrevious
        ? `previous terminated container "${container.name}" in pod "${pod.metadata.name}" not found`
        : `container "${container.name}" in pod "${pod.metadata.name}" is waiting to start`),
    async stop(graceMs) {
      stopping.abort()
      running?.signal('SIGTERM')
      const patience = setTimeout(() => running?.signal('SIGKILL'), graceMs)
      await ended
      clearTimeout(patience)
    },
  }
}

function restarts({ spec: { restartPolicy = 'Always' } }: Pod, { exitCode }: Termination): boolean {
  return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0)
}

function reasonOf({ exitCode, wasOomKilled }: Exit): Termination['reason'] {
  return wasOomKilled ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error'
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
