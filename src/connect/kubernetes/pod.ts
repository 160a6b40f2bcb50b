import type { V1ContainerState, V1ContainerStateTerminated, V1ContainerStatus, V1Pod } from '@kubernetes/client-node'

/** A pod as it matters to a migration. Times are epoch milliseconds. */
export interface Pod {
  readonly name: string
  /** Changes when a pod of the same name (StatefulSet) is made anew. */
  readonly uid: string
  readonly labels: Readonly<Record<string, string>>
  /** `Deployment/NAME` or `StatefulSet/NAME`, as its owner says; left out for pods of other kinds. */
  readonly workload?: string
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
  readonly ready: boolean
  readonly createdAt: number
  /** When it was asked to end; its processes may still run. */
  readonly terminatingSince?: number
  /** Over all containers. */
  readonly restarts: number
  /** Why a container waits (`ImagePullBackOff`, `CrashLoopBackOff`), or why the pod was evicted or cannot be scheduled. */
  readonly waiting?: { readonly reason: string; readonly message: string }
  /** The newest end of a container of it: now, or before its last restart. */
  readonly lastEnd?: ContainerEnd
  readonly containers: readonly { readonly name: string; readonly memoryLimit?: string }[]
}

export interface ContainerEnd {
  readonly container: string
  readonly reason: string
  readonly exitCode: number
  readonly signal?: number
  readonly at: number
  readonly message?: string
}

export function podOf(pod: V1Pod): Pod {
  const status = pod.status ?? {}
  const containers = status.containerStatuses ?? []
  const terminatingSince = endAskedAt(pod)
  const waiting = waitingOf(pod, containers)
  const lastEnd = lastEndOf(containers)
  const workload = workloadOf(pod)
  return {
    name: pod.metadata?.name ?? '',
    uid: pod.metadata?.uid ?? '',
    labels: pod.metadata?.labels ?? {},
    ...(workload ? { workload } : {}),
    phase: (status.phase as Pod['phase'] | undefined) ?? 'Unknown',
    ready: terminatingSince === undefined && conditionOf(pod, 'Ready')?.status === 'True',
    createdAt: timeOf(pod.metadata?.creationTimestamp) ?? 0,
    ...(terminatingSince === undefined ? {} : { terminatingSince }),
    restarts: containers.reduce((sum, container) => sum + (container.restartCount ?? 0), 0),
    ...(waiting ? { waiting } : {}),
    ...(lastEnd ? { lastEnd } : {}),
    containers: (pod.spec?.containers ?? []).map(({ name, resources }) => {
      const memoryLimit = resources?.limits?.memory
      return memoryLimit === undefined ? { name } : { name, memoryLimit }
    }),
  }
}

/** The pods of a Deployment belong to a ReplicaSet that has its name and the hash of the pod template. */
function workloadOf({ metadata }: V1Pod): string | undefined {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller)
  if (owner?.kind === 'StatefulSet') return `StatefulSet/${owner.name}`
  const hash = metadata?.labels?.['pod-template-hash']
  if (owner?.kind !== 'ReplicaSet' || !hash || !owner.name.endsWith(`-${hash}`)) return undefined
  return `Deployment/${owner.name.slice(0, -hash.length - 1)}`
}

/** The deletion timestamp says when the grace period *ends*. */
function endAskedAt(pod: V1Pod): number | undefined {
  const end = timeOf(pod.metadata?.deletionTimestamp)
  return end === undefined ? undefined : end - (pod.metadata?.deletionGracePeriodSeconds ?? 0) * 1000
}

function waitingOf(pod: V1Pod, containers: readonly V1ContainerStatus[]): Pod['waiting'] {
  const state = containers.map((container) => container.state?.waiting).find((waiting) => waiting?.reason)
  if (state?.reason) return { reason: state.reason, message: state.message ?? '' }
  if (pod.status?.reason) return { reason: pod.status.reason, message: pod.status.message ?? '' }
  const scheduled = conditionOf(pod, 'PodScheduled')
  if (scheduled?.status === 'False')
    return { reason: scheduled.reason ?? 'Unschedulable', message: scheduled.message ?? '' }
  return undefined
}

function lastEndOf(containers: readonly V1ContainerStatus[]): ContainerEnd | undefined {
  const ends = containers.flatMap(({ name, state, lastState }) =>
    [ended(state), ended(lastState)].flatMap((end) => (end ? [endOf(name, end)] : [])),
  )
  return ends.sort((a, b) => b.at - a.at)[0]
}

const ended = (state: V1ContainerState | undefined) => state?.terminated

function endOf(
  container: string,
  { reason, exitCode, signal, finishedAt, message }: V1ContainerStateTerminated,
): ContainerEnd {
  return {
    container,
    reason: reason ?? 'Error',
    exitCode,
    at: timeOf(finishedAt) ?? 0,
    ...(signal ? { signal } : {}),
    ...(message ? { message } : {}),
  }
}

const conditionOf = (pod: V1Pod, type: string) => pod.status?.conditions?.find((condition) => condition.type === type)

/** The client hands over dates; a watch hands over the text of the wire. */
function timeOf(time: Date | string | undefined): number | undefined {
  return time === undefined || time === null ? undefined : new Date(time).getTime()
}
