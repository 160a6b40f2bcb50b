import type { ConnectorStatus } from '../../connect/kafka-connect/kafka-connect.js'

/** Stopped or paused with all its tasks, or not there: nothing of it can write any more, and it does not start by itself. */
export function isAtRest(status: ConnectorStatus | undefined): boolean {
  return !status || [status.state, ...status.tasks.map(({ state }) => state)].every(isResting)
}

const isResting = (state: string): boolean => state === 'STOPPED' || state === 'PAUSED'
