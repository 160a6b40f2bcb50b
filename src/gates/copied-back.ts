import { z } from 'zod'
import type { Offsets, Range } from '../connect/kafka/types.js'
import { groupsOf } from '../proof/consumption.js'
import { differenceOf, imageOf } from '../proof/copies.js'
import type { Copy } from '../proof/facts.js'
import { eachPartition, type OffsetsJson, offsetOf, ofTopics, partitionName, toJson } from '../proof/offsets.js'
import { digest } from '../runbook/json.js'
import { gate } from './gate.js'
import type { Commits, Ends, OnKafka, Scans, TopicConfigs } from './reading/clients.js'
import { committedIn, debtRanges, drainedEnds, recordsFrom } from './reading/copies.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})
/** How much is compared in one look; the next goes on from there. */
const offsetsPerLook = 60_000n
const offsetsPerPiece = 10_000n

/** How far a partition has been compared, and the images of the commits that were passed on the way. */
const cursorSchema = z.object({
  target: z.string(),
  source: z.string(),
  records: z.number(),
  images: z.record(z.string(), z.string()),
})
type Cursor = z.infer<typeof cursorSchema>
const lastSchema = z.object({ mark: z.string(), cursors: z.record(z.string(), cursorSchema) })

type Deps = OnKafka<Ends & Scans & Commits & TopicConfigs>

export const copiedBack = gate<Deps, z.infer<typeof args>>({
  name: 'copied-back',
  proves:
    'every committed record that was born on the target lies on the source once, in order, equal in key, value, headers and timestamp, and nothing else lies there since the drain',
  args,
  gives: ['copy'],
  measure: ({ kafka }, _, look) =>
    unlessUnreadable(async () => {
      const { topics } = look.migration
      const groups = groupsOf(look.migration.apps)
      const drained = await drainedEnds(look)
      if (!drained)
        return { verdict: 'failed', reason: 'no-certificate', text: 'The source was never certified as drained' }
      const [debt, commits, source, target, configs] = await Promise.all([
        debtRanges(kafka.target, topics, look),
        kafka.target.committed(groups.map(({ group }) => group)),
        kafka.source.endOffsets(topics),
        kafka.target.endOffsets(topics),
        kafka.source.topicConfigs(topics, ['message.timestamp.type']),
      ])
      const stood = groups.map(({ group, topics: of }) => ({
        group,
        at: ofTopics(commits.get(group) ?? new Map(), of),
      }))
      const unplaced = stood.flatMap(({ group, at }) =>
        debt
          .filter(({ topic }) => at.has(topic))
          .filter((range) => (offsetOf(at, range) ?? -1n) < range.from)
          .map((range) => `${group} on ${partitionName(range)} at ${offsetOf(at, range) ?? 'no offset'}`),
      )
      if (unplaced.length > 0)
        return {
          verdict: 'failed',
          reason: 'below',
          evidence: { unplaced: unplaced.slice(0, 10) },
          text: `${count(unplaced.length, 'position')} on the target below the waterline, so what was read there is not known: ${few(unplaced, 2)}. Ask the owners of these groups`,
        }

      const mark = digest([
        toJson(source),
        toJson(target),
        ...stood.map(({ group, at }) => ({ group, at: toJson(at) })),
      ])
      const last = lastSchema.safeParse(look.last).data
      const cursors: Record<string, Cursor> = last?.mark === mark ? { ...last.cursors } : {}
      const cursorOf = (range: Range): Cursor =>
        cursors[partitionName(range)] ?? {
          target: `${range.from}`,
          source: `${offsetOf(drained, range) ?? offsetOf(source, range)}`,
          records: 0,
          images: {},
        }
      const differences: string[] = []
      let budget = offsetsPerLook
      const pieces = debt.flatMap((range) => {
        const from = BigInt(cursorOf(range).target)
        if (from >= range.to || budget <= 0n) return []
        const to = from + offsetsPerPiece < range.to ? from + offsetsPerPiece : range.to
        budget -= to - from
        return [{ range, piece: { ...range, from, to } }]
      })
      await Promise.all(
        pieces.map(async ({ range, piece }) => {
          const cursor = cursorOf(range)
          const end = offsetOf(source, range) ?? 0n
          const originals = await committedIn(kafka.target, piece, range.to)
          if (!originals) {
            differences.push(`${partitionName(range)}: a transaction is open on the target`)
            return
          }
          const copies = await recordsFrom(
            kafka.source,
            { topic: range.topic, partition: range.partition, from: BigInt(cursor.source) },
            originals.length,
            end,
          )
          const isTimed = configs.get(range.topic)?.get('message.timestamp.type') !== 'LogAppendTime'
          const difference = differenceOf(originals, copies, range, isTimed)
          if (difference) {
            differences.push(`${partitionName(range)}: ${difference}`)
            return
          }
          const behind = copies.length > 0 ? copies.at(-1)!.offset + 1n : BigInt(cursor.source)
          const passed = stood.flatMap(({ group, at }) => {
            const commit = offsetOf(at, range)
            return commit !== undefined && commit >= piece.from && commit < piece.to
              ? [[group, `${imageOf(commit, originals, copies, behind)}`] as const]
              : []
          })
          cursors[partitionName(range)] = {
            target: `${piece.to}`,
            source: `${behind}`,
            records: cursor.records + originals.length,
            images: { ...cursor.images, ...Object.fromEntries(passed) },
          }
        }),
      )
      const evidence = { mark, cursors }
      if (differences.length > 0)
        return {
          verdict: 'failed',
          reason: 'differs',
          evidence: { ...evidence, differences: differences.slice(0, 10) },
          text: `What was copied is not what lies on the target, on ${count(differences.length, 'partition')}: ${few(differences, 2)}`,
        }
      const left = debt.filter((range) => BigInt(cursorOf(range).target) < range.to)
      const records = debt.reduce((sum, range) => sum + cursorOf(range).records, 0)
      if (left.length > 0)
        return {
          verdict: 'failed',
          reason: 'comparing',
          evidence,
          text: `${count(records, 'copied record')} compared so far; ${count(left.length, 'partition')} to go`,
        }

      const extra = await Promise.all(
        debt.map(async (range) => {
          const from = BigInt(cursorOf(range).source)
          const { topic, partition } = range
          return (await recordsFrom(kafka.source, { topic, partition, from }, 1, offsetOf(source, range) ?? 0n)).map(
            ({ offset }) => `${partitionName(range)}@${offset}`,
          )
        }),
      )
      if (extra.flat().length > 0)
        return {
          verdict: 'failed',
          reason: 'extra',
          evidence,
          text: `More lies on the source than was copied: ${few(extra.flat())}. Find who wrote it`,
        }
      const images = Object.fromEntries(
        stood.map(({ group, at }) => [group, imagesOf(at, source, group, cursors)] as const),
      )
      const copy: Copy = { at: look.now, ends: { source: toJson(source), target: toJson(target) }, records, images }
      return {
        verdict: 'passed',
        evidence: { mark, cursors: {}, records, partitions: debt.length },
        text: `${count(records, 'record')} on ${count(debt.length, 'partition')} copied back and read back: each once, in order, equal in key, value, headers and timestamp`,
        facts: { copy },
      }
    }),
})

/** Where nothing was born, or all of it was read, a group goes on behind everything. */
function imagesOf(
  stood: Offsets,
  source: Offsets,
  group: string,
  cursors: Readonly<Record<string, Cursor>>,
): OffsetsJson {
  const images = new Map<string, Map<number, bigint>>()
  for (const { topic, partition, offset } of eachPartition(ofTopics(source, stood.keys()))) {
    const image = cursors[partitionName({ topic, partition })]?.images[group]
    images.set(topic, (images.get(topic) ?? new Map()).set(partition, image === undefined ? offset : BigInt(image)))
  }
  return toJson(images)
}
