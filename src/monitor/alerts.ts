import type { Side } from '../config/migration.js'
import type { Json } from '../runbook/json.js'
import type { GroupLag, LagState } from './lag.js'
import { type PodCause, type PodTrouble, remedies } from './pod-trouble.js'

/** What is wrong now, one for each cause; the log finds out what is new, changed and over. */
export interface WantedAlert {
  readonly cause: string
  readonly severity: 'warning' | 'critical'
  readonly title: string
  /** Holds no figure that moves with every sample: each change of it is an event in the log. */
  readonly text: string
  readonly side: Side
  readonly group?: string
  readonly evidence?: Json
}

export interface Observed {
  readonly side: Side
  readonly groups: readonly GroupLag[]
  readonly pods: readonly PodTrouble[]
  /** What cannot be seen now, and why. */
  readonly blind: readonly { readonly to: 'pods' | 'lag'; readonly why: string }[]
}

export function wantedAlerts(observed: readonly Observed[]): readonly WantedAlert[] {
  return observed.flatMap(({ side, groups, pods, blind }) => [
    ...groups.flatMap((group) => lagAlert(side, group)),
    ...[...new Set(pods.map(({ cause }) => cause))].map((cause) =>
      podAlert(
        side,
        cause,
        pods.filter((pod) => pod.cause === cause),
      ),
    ),
    ...blind.map((one) => blindAlert(side, one)),
  ])
}

const lagWords: Readonly<
  Record<Exclude<LagState, 'ok'>, readonly [WantedAlert['severity'], title: string, what: string]>
> = {
  warning: ['warning', 'falls behind', 'its lag only grows'],
  rewound: ['critical', 'went back', 'its committed offset went back, so records are processed again'],
  stalled: ['critical', 'is stalled', 'it has members and its commits do not move'],
  stopped: ['critical', 'is stopped', 'it has no member and records wait for it'],
}

function lagAlert(side: Side, { group, state, worst, lag }: GroupLag): readonly WantedAlert[] {
  if (state === 'ok' || !worst) return []
  const [severity, words, what] = lagWords[state]
  return [
    {
      cause: `lag/${side}/${group}`,
      severity,
      title: `${group} ${words}`,
      text: `${group} on the ${side} ${words}: ${what}; about ${roughly(lag)} records behind, worst at ${worst.topic}-${worst.partition}.`,
      side,
      group,
      evidence: { state, rule: worst.rule, topic: worst.topic, partition: worst.partition, lag: String(lag) },
    },
  ]
}

const podWords: Readonly<Record<PodCause, readonly [WantedAlert['severity'], string]>> = {
  'pid-limit': ['critical', 'out of PIDs'],
  'memory-limit': ['critical', 'killed at the memory limit'],
  'jvm-memory': ['critical', 'out of JVM memory'],
  'grace-exceeded': ['warning', 'killed at the end of the grace period'],
  evicted: ['critical', 'evicted'],
  killed: ['warning', 'killed'],
  crashed: ['warning', 'crashed'],
  'crash-loop': ['critical', 'crashing again and again'],
}

/** Many pods of one cause are one alert. */
function podAlert(side: Side, cause: PodCause, troubles: readonly PodTrouble[]): WantedAlert {
  const [severity, words] = podWords[cause]
  const newest = [...troubles].sort((a, b) => b.at - a.at)
  const names = [...new Set(newest.map(({ pod }) => pod))]
  const title = `${names.length === 1 ? names[0] : `${names.length} pods`} ${words}`
  return {
    cause: `pods/${side}/${cause}`,
    severity,
    title,
    text: `On the ${side}: ${names.length === 1 ? '' : `${names.length} pods, `}${listed(names)} ${words} (${newest[0]!.seen}). ${remedies[cause]}`,
    side,
    evidence: newest.slice(0, 10).map(({ pod, at, seen }) => ({ pod, at, seen })),
  }
}

function blindAlert(side: Side, { to, why }: Observed['blind'][number]): WantedAlert {
  const what = to === 'pods' ? 'Pods' : 'The lag of groups'
  return {
    cause: `blind/${side}/${to}`,
    severity: 'warning',
    title: `${what} on the ${side} cannot be seen`,
    text: `${what} on the ${side} cannot be seen, so what goes wrong there goes unnoticed: ${why}`,
    side,
  }
}

const listed = (names: readonly string[]) =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')

/** One digit that counts: 12,345 is about 10,000. */
function roughly(lag: bigint): string {
  const text = lag.toString()
  return Number(`${text[0]}${'0'.repeat(text.length - 1)}`).toLocaleString('en-US')
}
