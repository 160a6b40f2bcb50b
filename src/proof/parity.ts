import type { ConfigEntry, PartitionState } from '../connect/kafka/types.js'

/** One thing that is not the same on both sides. */
export interface Difference {
  /** `orders retention.ms` */
  readonly what: string
  readonly source: string
  readonly target: string
  /** Why it stays even when the runbook mends what it may; undefined: `topics-create` or `topics-align` mends it. */
  readonly stays?: string
  /** The target keeps or takes more than the source. */
  readonly larger?: true
}

/** A topic as one cluster has it. */
export interface TopicShape {
  readonly partitions: number
  readonly replicas: number
  /** Effective values by key, and which of them the topic sets itself. */
  readonly configs: ReadonlyMap<string, string>
  readonly overrides: ReadonlySet<string>
}

export interface TopicDifference extends Difference {
  readonly topic: string
  readonly kind: 'missing' | 'partitions' | 'replicas' | 'config'
  readonly key?: string
}

/** Compared on every topic whoever set them: they decide what a log keeps, what it takes and which time it shows. */
const compared = [
  'cleanup.policy',
  'retention.ms',
  'retention.bytes',
  'max.message.bytes',
  'message.timestamp.type',
  'delete.retention.ms',
  'min.compaction.lag.ms',
  'max.compaction.lag.ms',
] as const

/** Of one cluster's own working, or gone from newer ones (KIP-724): never copied. */
const own = new Set([
  'leader.replication.throttled.replicas',
  'follower.replication.throttled.replicas',
  'message.format.version',
  'message.downconversion.enable',
  'message.timestamp.difference.max.ms',
  'message.timestamp.before.max.ms',
  'message.timestamp.after.max.ms',
])

export function shapeOf(partitions: readonly PartitionState[], entries: readonly ConfigEntry[]): TopicShape {
  return {
    partitions: partitions.length,
    replicas: Math.max(0, ...partitions.map(({ replicas }) => replicas.length)),
    configs: new Map(entries.flatMap(({ key, value }) => (value === null ? [] : [[key, value] as const]))),
    overrides: new Set(entries.filter(({ set }) => set).map(({ key }) => key)),
  }
}

/** The configs that the target's topic must have to be like the source's: the compared ones, and whatever the source sets itself. */
export function wantedConfigs(source: TopicShape): ReadonlyMap<string, string> {
  const keys = [...new Set<string>([...compared, ...source.overrides])].filter((key) => !own.has(key))
  return new Map(
    keys.flatMap((key) => {
      const value = source.configs.get(key)
      return value === undefined ? [] : [[key, value] as const]
    }),
  )
}

/** What differs on one topic, as the target would have to be changed. */
export function compareTopic(
  topic: string,
  source: TopicShape,
  target: TopicShape | undefined,
): readonly TopicDifference[] {
  if (!target)
    return [{ topic, kind: 'missing', what: topic, source: `${source.partitions} partitions`, target: 'absent' }]
  const found: TopicDifference[] = []
  const sizes = { source: String(source.partitions), target: String(target.partitions) }
  if (source.partitions < target.partitions)
    found.push({
      topic,
      kind: 'partitions',
      what: `${topic} partitions`,
      ...sizes,
      stays: 'a topic never gets fewer partitions: keys would lie elsewhere than on the source. Make it anew by hand',
    })
  if (source.partitions > target.partitions)
    found.push({ topic, kind: 'partitions', what: `${topic} partitions`, ...sizes })
  if (source.replicas > target.replicas)
    found.push({
      topic,
      kind: 'replicas',
      what: `${topic} replicas`,
      source: String(source.replicas),
      target: String(target.replicas),
      stays: 'replicas are moved by a reassignment, by hand or by Cruise Control',
    })
  for (const [key, value] of wantedConfigs(source)) {
    const there = target.configs.get(key)
    if (there === value) continue
    found.push({
      topic,
      kind: 'config',
      key,
      what: `${topic} ${key}`,
      source: value,
      target: there ?? 'unknown',
      ...whyItStays(key, value, there, target),
    })
  }
  return found
}

function whyItStays(key: string, value: string, there: string | undefined, target: TopicShape) {
  if (there === undefined) return { stays: 'the target does not know this config' }
  if (key === 'min.insync.replicas' && Number(value) > target.replicas)
    return { stays: `with ${target.replicas} replicas nobody could write any more` }
  if (shrinks(key, there, value))
    return { stays: 'the target keeps more, and nothing there is ever shrunk', larger: true as const }
  return {}
}

const limits = new Set(['retention.ms', 'retention.bytes', 'delete.retention.ms', 'max.message.bytes'])

/** Whether a change would let the broker keep or take less than now; -1 is no limit. */
export function shrinks(key: string, from: string, to: string): boolean {
  if (!limits.has(key)) return false
  const [before, after] = [BigInt(from), BigInt(to)]
  if (after < 0n) return false
  return before < 0n || after < before
}

/** `log.retention.ms` beats `log.retention.minutes` beats `log.retention.hours`; -1 in any of them is no limit. */
function retentionMs(broker: ReadonlyMap<string, string>): string {
  const found = (
    [
      ['log.retention.ms', 1n],
      ['log.retention.minutes', 60_000n],
      ['log.retention.hours', 3_600_000n],
    ] as const
  ).find(([key]) => broker.has(key))
  if (!found) return 'unknown'
  const value = BigInt(broker.get(found[0])!)
  return String(value < 0n ? -1n : value * found[1])
}

/** What topics without a word of their own inherit, and which setting of the broker says so. */
function brokerDefaults(entries: readonly ConfigEntry[]): ReadonlyMap<string, string> {
  const broker = new Map(entries.flatMap(({ key, value }) => (value === null ? [] : [[key, value] as const])))
  const named = (key: string) => broker.get(key) ?? 'unknown'
  return new Map([
    ['retention.ms', retentionMs(broker)],
    ['retention.bytes', named('log.retention.bytes')],
    ['cleanup.policy', named('log.cleanup.policy')],
    ['max.message.bytes', named('message.max.bytes')],
    ['message.timestamp.type', named('log.message.timestamp.type')],
  ])
}

/** Where the brokers of both sides differ in what topics inherit; brokers of one side that disagree are joined by a slash. */
export function compareBrokers(
  source: Iterable<readonly ConfigEntry[]>,
  target: Iterable<readonly ConfigEntry[]>,
): readonly Difference[] {
  const joined = (brokers: Iterable<readonly ConfigEntry[]>) => {
    const all = [...brokers].map(brokerDefaults)
    return (key: string) => [...new Set(all.map((one) => one.get(key) ?? 'unknown'))].sort().join(' / ')
  }
  const [here, there] = [joined(source), joined(target)]
  return [...brokerDefaults([]).keys()].flatMap((key) =>
    here(key) === there(key) && !here(key).includes(' / ')
      ? []
      : [
          {
            what: `brokers' default ${key}`,
            source: here(key),
            target: there(key),
            stays: 'it holds for all topics of the cluster: set it on the brokers by hand',
            ...(isNumber(here(key)) && isNumber(there(key)) && shrinks(key, there(key), here(key))
              ? { larger: true as const }
              : {}),
          },
        ],
  )
}

const isNumber = (text: string) => /^-?\d+$/.test(text)
