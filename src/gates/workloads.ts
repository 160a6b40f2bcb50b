import { sayDuration } from '../config/duration.js'
import type { App, Migration, Side, Tier } from '../config/migration.js'

/** What gates may ask of the clusters' workloads, per side; a workload is named as in migration.yaml. */
export interface SeesWorkloads {
  readonly workloads: Readonly<
    Record<Side, { seen(workloads: readonly string[]): Promise<ReadonlyMap<string, WorkloadSeen>> }>
  >
}

export interface ReadsLogs {
  readonly workloads: Readonly<
    Record<
      Side,
      {
        logs(
          pod: string,
          query: { tailLines: number; previous?: boolean; sinceSeconds?: number },
        ): Promise<readonly string[]>
      }
    >
  >
}

export interface WorkloadSeen {
  readonly replicas: number
  readonly ready: number
  readonly pods: readonly PodSeen[]
}

/** Times are epoch milliseconds. */
export interface PodSeen {
  readonly name: string
  readonly phase: string
  readonly ready: boolean
  readonly createdAt: number
  readonly terminatingSince?: number
  readonly restarts: number
  readonly waiting?: { readonly reason: string; readonly message: string }
  readonly lastEnd?: { readonly reason: string; readonly exitCode: number; readonly at: number }
}

export interface AppSeen extends WorkloadSeen {
  readonly app: App
}

/** The apps of a side, or of one tier of it, as they are now. */
export async function appsSeen(
  deps: SeesWorkloads,
  migration: Migration,
  side: Side,
  tier?: Tier,
): Promise<readonly AppSeen[]> {
  const apps = migration.apps.filter((app) => tier === undefined || app.tier === tier)
  const seen = await deps.workloads[side].seen(apps.map((app) => app.workload))
  return apps.flatMap((app) => {
    const workload = seen.get(app.workload)
    return workload ? [{ app, ...workload }] : []
  })
}

/** Pods in which a process may still run. An evicted or finished pod stays listed long after its processes have ended. */
export function alive({ pods }: WorkloadSeen): readonly PodSeen[] {
  return pods.filter((pod) => pod.phase !== 'Succeeded' && pod.phase !== 'Failed')
}

/** `checkout-1 (Terminating for 42 s)`, `dam-0 (Running, 3 min old)`, `pay-7 (ImagePullBackOff: …, 12 s old)`. */
export function describePod(pod: PodSeen, now: number): string {
  if (pod.terminatingSince !== undefined)
    return `${pod.name} (Terminating for ${sayDuration(Math.max(0, now - pod.terminatingSince))})`
  const why = pod.waiting
    ? [pod.waiting.reason, pod.waiting.message].filter(Boolean).join(': ').slice(0, 160)
    : pod.phase
  return `${pod.name} (${why}, ${sayDuration(Math.max(0, now - pod.createdAt))} old)`
}
