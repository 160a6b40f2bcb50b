import { z } from 'zod'
import { durationMs, sayDuration } from '../config/duration.js'
import type { Offsets, Range } from '../connect/kafka/types.js'
import { eachPartition, fromJson, offsetOf, offsetsJson, partitionName, toJson } from '../proof/offsets.js'
import { type RaceInput, raceOf, untilTakenBySize } from '../proof/race.js'
import { gate } from './gate.js'
import type {
  ConnectorOffsets,
  Connectors,
  Ends,
  OnConnect,
  OnKafka,
  Scans,
  SizesOf,
  Starts,
  TimedOffsets,
  TopicConfigs,
} from './reading/clients.js'
import { countRecords } from './reading/count.js'
import { begunPositions } from './reading/mirror.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ ahead: durationMs.default(6 * 3_600_000) })
const lastSchema = z.object({ at: z.number(), ends: offsetsJson })
const configKeys = ['cleanup.policy', 'retention.ms', 'retention.bytes']
const mostRead = 20

type Source = Ends & Starts & Scans & TopicConfigs & TimedOffsets & SizesOf

export const retentionRace = gate<OnKafka<Source> & OnConnect<ConnectorOffsets & Connectors>, z.infer<typeof args>>({
  name: 'retention-race',
  proves:
    'retention takes nothing from the source that the mirror has not brought, neither yet nor within the time ahead',
  args,
  measure: ({ kafka: { source }, connect }, { ahead }, look) =>
    unlessUnreadable(async () => {
      const { mirror, topics } = look.migration
      const positions = await begunPositions(connect(mirror.url), look.migration)
      const [starts, configs] = await Promise.all([
        source.startOffsets(topics),
        source.topicConfigs(topics, configKeys),
      ])
      // Ends last: what is written in between is not mirrored yet, and young.
      const [staying, ends] = await Promise.all([
        stayingOffsets(source, limitsOf(topics, configs, 'retention.ms'), look.now + ahead),
        source.endOffsets(topics),
      ])
      const bySize = await takenBySize(source, { positions, starts, ends, staying }, configs, look, ahead)
      const { lost, racing, behind, unbegun } = raceOf({ positions, starts, ends, staying })
      const { risky, more } = await firstRisky(source, racing)
      const when = (oldest: number | undefined, topic: string) =>
        oldest === undefined
          ? 'soon'
          : sayIn(oldest + Number(limitsOf([topic], configs, 'retention.ms').get(topic) ?? 0n) - look.now)
      const racingLines = [
        ...risky.map(
          ({ range, records, oldest }) =>
            `${partitionName(range)} ${count(records, 'record')}, the first ${when(oldest, range.topic)}`,
        ),
        ...bySize.map(({ range, inMs }) => `${partitionName(range)} by size, ${sayIn(inMs)}`),
      ]
      const evidence = {
        at: look.now,
        ends: toJson(ends),
        lost: lost.map(rangeJson),
        racing: [...risky.map(({ range }) => range), ...bySize.map(({ range }) => range)].map(rangeJson),
        unread: more,
        behind,
        unbegun,
      }
      if (lost.length > 0)
        return {
          verdict: 'failed',
          reason: 'lost',
          evidence,
          text: `Retention took from the source what the mirror had not brought, on ${count(lost.length, 'partition')}: ${few(lost.map((one) => `${partitionName(one)} ${one.from} to ${one.to}`))}. Those records are on no target; raise the retention of the source before more follow`,
        }
      if (racingLines.length > 0)
        return {
          verdict: 'failed',
          reason: 'race',
          evidence,
          text: `Within ${sayDuration(ahead)} retention takes what the mirror has not brought yet, on ${more > 0 ? 'up to ' : ''}${count(racingLines.length + more, 'partition')}: ${few(racingLines)}${more > 0 ? `, and ${more} that were not read` : ''}. Raise retention on the source, or speed the mirror up`,
        }
      return {
        verdict: 'passed',
        evidence,
        text: `Within ${sayDuration(ahead)} retention takes nothing that is not mirrored; ${count(behind, 'partition')} behind${unbegun > 0 ? `, ${unbegun} that the mirror has not begun` : ''}`,
      }
    }),
})

/** The first of the ranges that hold data; those of ends of transactions alone are passed over, however many they are. */
async function firstRisky(source: Scans, racing: readonly Range[]) {
  for (let from = 0; from < racing.length; from += mostRead) {
    const counted = await countRecords(source, racing.slice(from, from + mostRead), undefined)
    const risky = counted.filter((one) => one.records > 0)
    if (risky.length > 0) return { risky, more: Math.max(0, racing.length - from - mostRead) }
  }
  return { risky: [], more: 0 }
}

const rangeJson = ({ from, to, ...one }: Range) => ({ ...one, from: `${from}`, to: `${to}` })
const sayIn = (ms: number) => (ms <= 0 ? 'at any moment' : `in ${sayDuration(ms)}`)

/** A limit of topics whose cleanup policy deletes at all; -1 is none. */
function limitsOf(
  topics: readonly string[],
  configs: Awaited<ReturnType<TopicConfigs['topicConfigs']>>,
  key: 'retention.ms' | 'retention.bytes',
): ReadonlyMap<string, bigint> {
  return new Map(
    topics.flatMap((topic) => {
      const of = configs.get(topic)
      const limit = BigInt(of?.get(key) ?? '-1')
      return of?.get('cleanup.policy')?.includes('delete') && limit >= 0n ? [[topic, limit] as const] : []
    }),
  )
}

/** One question for all topics of the same retention: which is the first record that is young enough at the horizon? */
async function stayingOffsets(
  source: TimedOffsets,
  limits: ReadonlyMap<string, bigint>,
  horizon: number,
): Promise<Offsets> {
  const byLimit = new Map<bigint, string[]>()
  for (const [topic, limit] of limits) byLimit.set(limit, [...(byLimit.get(limit) ?? []), topic])
  const found = await Promise.all(
    [...byLimit].map(([limit, topics]) => source.offsetsAt(topics, Math.max(0, horizon - Number(limit)))),
  )
  return new Map(found.flatMap((one) => [...one]))
}

/** Partitions whose first unmirrored record falls out by size before the horizon, by the rate since the last look. */
async function takenBySize(
  source: SizesOf,
  { positions, starts, ends }: RaceInput,
  configs: Awaited<ReturnType<TopicConfigs['topicConfigs']>>,
  { last, now }: { last: unknown; now: number },
  ahead: number,
): Promise<readonly { range: Range; inMs: number }[]> {
  const limits = limitsOf([...ends.keys()], configs, 'retention.bytes')
  if (limits.size === 0) return []
  const before = lastSchema.safeParse(last).data
  const earlier = before ? fromJson(before.ends) : ends
  const seconds = before ? Math.max(1, (now - before.at) / 1000) : 1
  const sizes = await source.sizes([...limits.keys()])
  return [...eachPartition(ends)].flatMap(({ topic, partition, offset: end }) => {
    const [limit, bytes] = [limits.get(topic), sizes.get(topic)?.get(partition)]
    const position = offsetOf(positions, { topic, partition })
    const start = offsetOf(starts, { topic, partition }) ?? 0n
    if (limit === undefined || bytes === undefined || position === undefined || position >= end) return []
    const rate = Number(end - (offsetOf(earlier, { topic, partition }) ?? end)) / seconds
    const inMs = untilTakenBySize({ bytes, limit, start, end, position, rate })
    return inMs !== undefined && inMs < ahead ? [{ range: { topic, partition, from: position, to: end }, inMs }] : []
  })
}
