import type { Side } from '../config/migration.js'
import { redact } from './redact.js'
import { type AppSeen, alive, describePod, type PodSeen, type ReadsLogs } from './workloads.js'

/** Why pods are not ready, with the last line each has said, for the three oldest: a person's first question on the night. */
export async function slowPods(
  deps: ReadsLogs,
  side: Side,
  apps: readonly AppSeen[],
  now: number,
): Promise<readonly string[]> {
  const slow = apps.flatMap((one) => alive(one).filter((pod) => !pod.ready)).sort((a, b) => a.createdAt - b.createdAt)
  return await Promise.all(
    slow.slice(0, 3).map(async (pod) => {
      const said = await lastLine(deps, side, pod)
      return said ? `${describePod(pod, now)}, last line: ${said}` : describePod(pod, now)
    }),
  )
}

/** A log that cannot be read must not hide why the pod is slow. */
async function lastLine({ workloads }: ReadsLogs, side: Side, pod: PodSeen): Promise<string> {
  try {
    const lines = await workloads[side].logs(pod.name, {
      tailLines: 1,
      previous: pod.waiting?.reason === 'CrashLoopBackOff',
    })
    return redact(lines.at(-1) ?? '')
  } catch {
    return ''
  }
}
