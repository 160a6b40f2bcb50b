import pLimit from 'p-limit'
import { type Migration, type Side, sides } from '../config/migration.js'
import type { Kafka } from '../connect/kafka/kafka.js'
import type { Offsets } from '../connect/kafka/types.js'
import type { Kubernetes } from '../connect/kubernetes/index.js'
import { groupsOf, type ReadingGroup } from '../proof/consumption.js'
import { readFact, waterlineFact } from '../proof/facts.js'
import { eachPartition, fromJson, offsetOf } from '../proof/offsets.js'
import type { Json } from '../runbook/json.js'
import { type Observed, type WantedAlert, wantedAlerts } from './alerts.js'
import { kpisOf, type RateWindow, slideRates } from './kpis.js'
import { type GroupLag, groupLag } from './lag.js'
import { createPodWatch } from './pod-watch.js'
import { type SampledKafka, type Seen, sample } from './sample.js'
import type { Samples } from './samples.js'

export interface MonitorDeps {
  readonly kafka: Readonly<Record<Side, SampledKafka & Pick<Kafka, 'startOffsets' | 'sizes'>>>
  readonly workloads: Readonly<Record<Side, Pick<Kubernetes, 'seen' | 'watchPods' | 'logs'>>>
  readonly samples: Samples
}

export interface Monitor {
  /** Watches the pods of both sides until `signal` aborts; `wake` asks for a look soon. */
  watch(signal: AbortSignal, wake: () => void): Promise<void>
  /** Takes a sample of the active side and says what is wrong now, on both sides. */
  look(activeSide: Side, now: number): Promise<readonly WantedAlert[]>
  /** How each group of a side stands, from the samples there are. */
  lag(side: Side, now: number): Promise<readonly GroupLag[]>
  /** How many offsets lie on the target above the waterline; null where none was recorded. */
  bornOnTarget(waterline: Json | undefined): Promise<bigint | null>
  /** Topics and groups in figures as of the newest look; undefined where the side could not be seen. */
  kpis(side: Side, now: number): Promise<(ReturnType<typeof kpisOf> & { readonly side: Side }) | undefined>
}

/** So many points tell how old a lag is, as kafka-lag-exporter keeps them; a whole ring of 10,000 partitions would fill the memory. */
const pointsForLag = 60
const groupsAtOnce = 8
/** Brokers walk their disks for it. */
const sizesEveryMs = 30_000

export function createMonitor({ kafka, workloads, samples }: MonitorDeps, migration: Migration): Monitor {
  const groups = groupsOf(migration.apps)
  const { records, stalled } = migration.alerts.lag
  const limits = { allowed: BigInt(records), stalledMs: stalled }
  const ofApps = new Set(migration.apps.map(({ workload }) => workload))
  const pods = { source: createPodWatch(workloads.source, ofApps), target: createPodWatch(workloads.target, ofApps) }

  const points = Math.max(pointsForLag, Math.ceil((2 * stalled) / migration.alerts.sample) + 2)

  async function lagOf(side: Side, of: readonly ReadingGroup[], now: number): Promise<readonly GroupLag[]> {
    const limit = pLimit(groupsAtOnce)
    const read = async (group: string) => groupLag(group, await samples.read(side, group, points), limits, now)
    return Promise.all(of.map(({ group }) => limit(() => read(group))))
  }

  /** A group whose apps are scaled to zero is meant to stand still, and one that has only just been started needs time to join. */
  async function awake(side: Side, now: number): Promise<readonly ReadingGroup[]> {
    const seen = await workloads[side].seen([...ofApps])
    const names = new Set(
      migration.apps
        .filter(({ workload }) => {
          const found = seen.get(workload)
          return found && found.replicas > 0 && found.pods.some(({ createdAt }) => now - createdAt > 2 * stalled)
        })
        .map(({ name }) => name),
    )
    return groups.filter(({ apps }) => apps.some((app) => names.has(app)))
  }

  let lastAwake: readonly ReadingGroup[] = []
  let newest: { readonly side: Side; readonly seen: Seen; readonly rates: RateWindow } | undefined
  let sized: { readonly side: Side; readonly at: number; readonly bytes: Offsets | undefined } | undefined

  /** Undefined where the bot's user may not see it: figures are no reason to fail. */
  async function sizesOf(side: Side, now: number): Promise<Offsets | undefined> {
    if (sized?.side !== side || now - sized.at >= sizesEveryMs)
      sized = { side, at: now, bytes: await kafka[side].sizes(migration.topics).catch(() => undefined) }
    return sized.bytes
  }

  /** When the cluster is silent, what was wrong before it fell silent still is: an alert must not close because nobody can look. */
  async function lagSeen(side: Side, now: number): Promise<Pick<Observed, 'groups' | 'blind'>> {
    try {
      const seen = await sample(kafka[side], samples, side, groups, now, migration.topics)
      const before = newest?.side === side ? newest.rates : undefined
      newest = { side, seen, rates: slideRates(before, seen) }
      lastAwake = await awake(side, now)
      return { groups: await lagOf(side, lastAwake, now), blind: [] }
    } catch (error) {
      return {
        groups: await lagOf(side, lastAwake, now),
        blind: [{ to: 'lag', why: error instanceof Error ? error.message : String(error) }],
      }
    }
  }

  return {
    async watch(signal, wake) {
      await Promise.all(sides.map((side) => pods[side].run(signal, wake)))
    },
    async look(activeSide, now) {
      const lag = await lagSeen(activeSide, now)
      return wantedAlerts(
        sides.map((side) => {
          const why = pods[side].blind()
          const blind = why === undefined ? [] : [{ to: 'pods' as const, why }]
          const troubles = pods[side].troubles(now)
          return side === activeSide
            ? { side, pods: troubles, groups: lag.groups, blind: [...blind, ...lag.blind] }
            : { side, pods: troubles, groups: [], blind }
        }),
      )
    },
    lag: (side, now) => lagOf(side, groups, now),
    async bornOnTarget(waterline) {
      const recorded = readFact(waterlineFact, waterline)
      if (!recorded) return null
      const below = fromJson(recorded.offsets)
      let sum = 0n
      for (const end of eachPartition(await kafka.target.endOffsets([...below.keys()])))
        sum += end.offset - (offsetOf(below, end) ?? 0n)
      return sum
    },
    async kpis(side, now) {
      if (newest?.side !== side || newest.seen.at !== now) return undefined
      const { seen, rates } = newest
      const [lags, starts, bytes] = await Promise.all([
        lagOf(side, groups, now),
        kafka[side].startOffsets([...seen.ends.keys()]),
        sizesOf(side, now),
      ])
      return { side, ...kpisOf(seen, rates, lags, groups, starts, bytes) }
    },
  }
}
