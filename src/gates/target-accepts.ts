import { z } from 'zod'
import { sayDuration } from '../config/duration.js'
import { eachPartition, offsetOf, partitionName } from '../proof/offsets.js'
import { gate } from './gate.js'
import type { ConfigEntries, ConnectorSettings, Ends, OnConnect, OnKafka, TimedOffsets } from './reading/clients.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})

/** KIP-937 (3.6) split the one limit of older brokers into two; from 4.0 on the one ahead is an hour by default. */
const afterKeys = ['message.timestamp.after.max.ms', 'message.timestamp.difference.max.ms']
const beforeKeys = ['message.timestamp.before.max.ms', 'message.timestamp.difference.max.ms']
const sizeKeys = ['producer.override.max.request.size', 'target.producer.max.request.size', 'producer.max.request.size']
/** max.request.size of a producer to which nobody said anything; brokers take 12 bytes more, for the batch's frame. */
const defaultRequest = 1_048_576
const frame = 12n

type Deps = OnKafka<ConfigEntries & TimedOffsets & Ends> & OnConnect<ConnectorSettings>

export const targetAccepts = gate<Deps, z.infer<typeof args>>({
  name: 'target-accepts',
  proves:
    'the target takes what lies on the source: no record dated further ahead or back than it allows, none larger than mirror and target let through',
  args,
  measure: ({ kafka, connect }, _, look) =>
    unlessUnreadable(async () => {
      const { topics, mirror } = look.migration
      const [source, target, settings] = await Promise.all([
        kafka.source.configEntries(topics),
        kafka.target.configEntries(topics),
        connect(mirror.url).settings(mirror.source, sizeKeys),
      ])
      const value = (entries: typeof source, topic: string, keys: readonly string[]) =>
        entries.get(topic)?.find(({ key, value: of }) => keys.includes(key) && of !== null)?.value
      const timed = topics.filter(
        (topic) => target.has(topic) && value(target, topic, ['message.timestamp.type']) !== 'LogAppendTime',
      )
      const tooNew = await beyond(
        timed,
        (topic) => value(target, topic, afterKeys),
        async (of, limit) => kafka.source.offsetsAt(of, look.now + limit),
      )
      const tooOld = await tooOldIn(
        kafka.source,
        timed.flatMap((topic) => {
          const limit = Number(value(target, topic, beforeKeys) ?? Number.MAX_SAFE_INTEGER)
          return limit < look.now ? [{ topic, before: look.now - limit }] : []
        }),
      )

      const request = BigInt(Object.values(settings)[0] ?? defaultRequest)
      const tooLarge = topics.filter((topic) => {
        const most = BigInt(value(source, topic, ['max.message.bytes']) ?? '0')
        const taken = BigInt(value(target, topic, ['max.message.bytes']) ?? most)
        return most > taken || most > request + frame
      })
      const evidence = { tooNew: tooNew.slice(0, 50), tooOld: tooOld.slice(0, 50), tooLarge: tooLarge.slice(0, 50) }
      const hour = timed[0] ? Number(value(target, timed[0], afterKeys) ?? 0) : 0
      const wrong = [
        ...(tooNew.length > 0
          ? [
              `${count(tooNew.length, 'partition')} hold records dated ahead of what the target takes (${sayDuration(hour)}): ${few(tooNew)}; the mirror's task would fail on them. Raise message.timestamp.after.max.ms on those topics of the target`,
            ]
          : []),
        ...(tooOld.length > 0
          ? [
              `${count(tooOld.length, 'partition')} hold records older than the target takes: ${few(tooOld)}. Raise message.timestamp.before.max.ms on those topics of the target`,
            ]
          : []),
        ...(tooLarge.length > 0
          ? [
              `messages of ${few(tooLarge)} may be larger than the target or the mirror's producer (max.request.size ${request}) lets through`,
            ]
          : []),
      ]
      if (wrong.length > 0)
        return {
          verdict: 'failed',
          reason: tooNew.length > 0 ? 'ahead' : tooOld.length > 0 ? 'old' : 'large',
          evidence,
          text: wrong.join('; '),
        }
      return {
        verdict: 'passed',
        evidence,
        text: `The target takes what lies on the source of ${count(timed.length, 'topic')}: no record is dated too far ahead or back, none may be too large`,
      }
    }),
})

/** Partitions that hold a record of that time or later, by one question per limit. */
async function beyond(
  topics: readonly string[],
  limitOf: (topic: string) => string | null | undefined,
  ask: (topics: readonly string[], limitMs: number) => ReturnType<TimedOffsets['offsetsAt']>,
): Promise<string[]> {
  const byLimit = new Map<number, string[]>()
  for (const topic of topics) {
    const limit = Number(limitOf(topic) ?? Number.MAX_SAFE_INTEGER)
    if (limit < farthestMs) byLimit.set(limit, [...(byLimit.get(limit) ?? []), topic])
  }
  const found = await Promise.all([...byLimit].map(([limit, of]) => ask(of, limit)))
  return found.flatMap((offsets) =>
    [...eachPartition(offsets)].filter(({ offset }) => offset >= 0n).map((one) => partitionName(one)),
  )
}
/** A limit of a hundred years is none. */
const farthestMs = 100 * 365 * 24 * 3_600_000

/** Whether the first record is older: records stand about in the order of their times, so the oldest stand first. */
async function tooOldIn(
  source: TimedOffsets & Ends,
  asked: readonly { topic: string; before: number }[],
): Promise<string[]> {
  const byLimit = new Map<number, string[]>()
  for (const { topic, before } of asked) byLimit.set(before, [...(byLimit.get(before) ?? []), topic])
  const found = await Promise.all(
    [...byLimit].map(async ([before, topics]) => {
      const [all, young, ends] = await Promise.all([
        source.offsetsAt(topics, 0),
        source.offsetsAt(topics, before),
        source.endOffsets(topics),
      ])
      return [...eachPartition(all)].flatMap((one) => {
        const first = offsetOf(young, one) ?? -1n
        const end = offsetOf(ends, one) ?? 0n
        return one.offset >= 0n && one.offset < (first < 0n ? end : first) ? [partitionName(one)] : []
      })
    }),
  )
  return found.flat()
}
