import type { Json } from '../runbook/json.js'
import type { Measured } from '../runbook/language.js'
import { count, few } from './reading/say.js'
import { type AppSeen, alive, describePod } from './workloads.js'

/** Whether nothing of these apps runs or is about to: no replicas wanted, no pod in which a process may live. */
export function measureGone(apps: readonly AppSeen[], where: string, now: number): Measured {
  const wanted = apps.filter((one) => one.replicas > 0)
  const pods = apps.flatMap((one) => alive(one).map((pod) => ({ app: one.app.name, pod })))
  if (wanted.length === 0 && pods.length === 0)
    return { verdict: 'passed', text: `${count(apps.length, 'app')} on ${where}: no replicas wanted, no pods left.` }
  const evidence: Json = pods.map(({ app, pod }) => ({ app, pod: pod.name, state: describePod(pod, now) }))
  if (wanted.length > 0) {
    const names = wanted.map(
      (one) => `${one.app.name} (${count(one.replicas, 'replica')} wanted, ${count(alive(one).length, 'pod')})`,
    )
    return {
      verdict: 'failed',
      reason: 'replicas-wanted',
      evidence,
      text: `${count(wanted.length, 'app')} on ${where} not scaled to zero: ${few(names)}.`,
    }
  }
  const slowest = [...pods].sort((a, b) => (a.pod.terminatingSince ?? now) - (b.pod.terminatingSince ?? now))
  const names = slowest.map(({ pod }) => describePod(pod, now))
  return {
    verdict: 'failed',
    reason: 'pods-left',
    evidence,
    text: `${count(pods.length, 'pod')} on ${where} not gone yet: ${few(names)}.`,
  }
}
