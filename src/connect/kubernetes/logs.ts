import { CoreV1Api } from '@kubernetes/client-node'
import type { Access } from './access.js'

/** The end of a pod's log, never followed: aborting a followed log of this client ends the process (facts of 2.0.1). */
export function createLogs(access: Access) {
  const core = new CoreV1Api(access.configuration)
  const { namespace, call } = access
  return async function logs(
    pod: string,
    { tailLines, previous, container, sinceSeconds }: LogQuery,
  ): Promise<string[]> {
    const text = await call({ verb: 'get', resource: 'pods/log', name: pod }, () =>
      core.readNamespacedPodLog({
        name: pod,
        namespace,
        tailLines,
        limitBytes,
        ...(previous ? { previous } : {}),
        ...(container ? { container } : {}),
        ...(sinceSeconds ? { sinceSeconds } : {}),
      }),
    )
    return (text ?? '').split('\n').filter((line) => line !== '')
  }
}

export interface LogQuery {
  readonly tailLines: number
  /** The log of the container that ran before the last restart. */
  readonly previous?: boolean
  readonly container?: string
  readonly sinceSeconds?: number
}

const limitBytes = 1_048_576
