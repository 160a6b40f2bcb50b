import type { Kubernetes, Pod, PodChange } from '../connect/kubernetes/index.js'
import { generic, hasDied, type PodTrouble, whyDied } from './pod-trouble.js'

export interface PodWatch {
  /** Runs until `signal` aborts; `wake` is called for each new trouble. */
  run(signal: AbortSignal, wake: () => void): Promise<void>
  troubles(now: number): readonly PodTrouble[]
  /** Why pods cannot be seen at the moment, if so. */
  blind(): string | undefined
}

/** Keeps what pods of the given workloads died of, until they have been well for a while. */
export function createPodWatch(
  kubernetes: Pick<Kubernetes, 'watchPods' | 'logs'>,
  workloads: ReadonlySet<string>,
): PodWatch {
  const pods = new Map<string, Pod>()
  const died = new Map<string, PodTrouble>()
  let trouble: string | undefined

  async function take({ before, now }: PodChange, wake: () => void): Promise<void> {
    if (before && !now) pods.delete(before.name)
    if (!now?.workload || !workloads.has(now.workload)) return
    pods.set(now.name, now)
    if (!hasDied(before, now)) return
    const found = whyDied(now, await lastWords(now))
    const known = died.get(now.name)
    // A log that is gone by now must not turn what was known into a mere crash.
    died.set(
      now.name,
      known && generic.has(found.cause) && !generic.has(known.cause) ? { ...known, at: found.at } : found,
    )
    wake()
  }

  /** The log of what died is the previous one as soon as it has been started again. A log that cannot be read must not hide the death. */
  async function lastWords(pod: Pod): Promise<readonly string[]> {
    const container = pod.lastEnd ? { container: pod.lastEnd.container } : {}
    for (const previous of pod.restarts > 0 ? [true, false] : [false])
      try {
        return await kubernetes.logs(pod.name, { tailLines: 50, previous, ...container })
      } catch {}
    return []
  }

  return {
    run: (signal, wake) =>
      kubernetes.watchPods(
        {
          onChange: (change) => void take(change, wake),
          onTrouble: (error) => {
            trouble = error?.message
          },
        },
        signal,
      ),
    troubles(now) {
      for (const [name, { at }] of died) {
        const pod = pods.get(name)
        const ill = pod !== undefined && !pod.ready && pod.terminatingSince === undefined
        if (!ill && now - at > wellAfterMs) died.delete(name)
      }
      return [...died.values()]
    },
    blind: () => trouble,
  }
}

/** So long an alert stays after the last death: a pod that dies every minute is one alert, not sixty. */
const wellAfterMs = 120_000
