import type { Condition, ContainerStatus, PodStatus } from '../objects.js'
import { timeText } from '../time.js'

/** What the API is told of a pod, from its containers; a condition keeps its time for as long as it does not turn. */
export function podStatus(
  containers: readonly ContainerStatus[],
  before: PodStatus | undefined,
  startTime: string,
  now: Date,
): PodStatus {
  const isReady = containers.every(({ ready }) => ready)
  const phase = phaseOf(containers)
  const ended = phase === 'Succeeded' || phase === 'Failed'
  const condition = (type: string, holds: boolean): Condition => {
    const status = holds ? 'True' : 'False'
    const known = before?.conditions?.find((candidate) => candidate.type === type && candidate.status === status)
    if (known) return known
    const why = holds
      ? {}
      : ended
        ? { reason: 'PodCompleted' }
        : { reason: 'ContainersNotReady', message: notReady(containers) }
    return { type, status, lastTransitionTime: timeText(now), ...why }
  }
  return {
    phase,
    conditions: [
      condition('PodReadyToStartContainers', true),
      condition('Initialized', true),
      condition('Ready', isReady),
      condition('ContainersReady', isReady),
      condition('PodScheduled', true),
    ],
    containerStatuses: [...containers],
    startTime,
    podIP: '127.0.0.1',
    hostIP: '127.0.0.1',
  }
}

function phaseOf(containers: readonly ContainerStatus[]): NonNullable<PodStatus['phase']> {
  if (containers.every(({ state }) => state.terminated)) {
    return containers.every(({ state }) => state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed'
  }
  const hasStarted = containers.every(
    ({ state, lastState }) => state.running ?? state.terminated ?? lastState.terminated,
  )
  return hasStarted ? 'Running' : 'Pending'
}

function notReady(containers: readonly ContainerStatus[]): string {
  const names = containers.filter(({ ready }) => !ready).map(({ name }) => name)
  return `containers with unready status: [${names.join(' ')}]`
}
