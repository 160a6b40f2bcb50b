import { z } from 'zod'
import { durationMs, sayDuration } from '../config/duration.js'
import type { Offsets } from '../connect/kafka/types.js'
import { bytesPerSecond, type Eta, etaOf, sayBytes } from '../proof/eta.js'
import { eachPartition, fromJson, higher, type OffsetsJson, offsetOf, toJson } from '../proof/offsets.js'
import { ratePerTopic, sayRate, total } from '../proof/rates.js'
import { slide } from '../proof/window.js'
import { gate, type Look } from './gate.js'
import type { ConnectorOffsets, Connectors, Ends, OnConnect, OnKafka, SizesOf, Starts } from './reading/clients.js'
import { begunPositions } from './reading/mirror.js'
import { ratesEvidence } from './reading/rates.js'
import { count } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({
  /** It fails when it takes longer; left out, any end will do. */
  under: durationMs.optional(),
  /** What the mirror is trusted to bring before it has begun to show it. */
  speed: z
    .string()
    .refine((text) => bytesPerSecond(text) !== undefined, 'expected a speed such as 20 MiB/s')
    .default('10 MiB/s'),
})

const shortestMs = 3000
const overMs = 60_000
/** So close behind that it is what is on its way. */
const liveSeconds = 5
const liveRecords = 100

type Client = Ends & Starts & SizesOf

export const mirrorEta = gate<OnKafka<Client> & OnConnect<ConnectorOffsets & Connectors>, z.infer<typeof args>>({
  name: 'mirror-eta',
  proves:
    'when the mirror will have caught up: by the size of the data before it starts, by its own pace while it runs',
  args,
  measure: ({ kafka, connect }, { under, speed }, look) =>
    unlessUnreadable(async () => {
      const { mirror, topics } = look.migration
      const positions = await begunPositions(connect(mirror.url), look.migration)
      const [starts, source, target] = await Promise.all([
        kafka.source.startOffsets(topics),
        kafka.source.endOffsets(topics),
        // The target may not have the topics yet: nothing arrives there.
        kafka.target.endOffsets(topics).catch((): Offsets => new Map()),
      ])
      const last = ratesEvidence.safeParse(look.last).data
      const sample = { at: look.now, seen: { source: toJson(source), target: toJson(target) } }
      const window = slide(last?.window, sample, overMs)
      const evidence = { window }
      if (look.now - window.base.at < shortestMs)
        return {
          verdict: 'inconclusive',
          reason: 'first-look',
          evidence,
          text: `The pace of the mirror is seen once two looks lie ${sayDuration(shortestMs)} apart`,
        }

      const left = remaining(positions, starts, source)
      const begun = [...eachPartition(positions)].length > 0
      const rates = pacesOf(window, { source, target }, look)
      const comesIn = rates.at(-1)?.in ?? 0
      if (begun && left.records <= Math.max(liveRecords, comesIn * liveSeconds))
        return {
          verdict: 'passed',
          evidence: { ...evidence, ...left },
          text: `The mirror keeps up with live traffic (${sayRate(comesIn)}): ${count(left.records, 'record')} behind by its last flush`,
        }
      const eta = begun
        ? etaOf(left.records, rates)
        : await etaBySize(kafka.source, topics, left.records, comesIn, speed)
      const over = rates.at(-1)?.over ?? 0
      const how = begun
        ? `${count(left.records, 'record')} in ${count(left.partitions, 'partition')} to bring, ${sayRate(over)} are brought while ${sayRate(comesIn)} come in`
        : `Before it has begun: ${count(left.records, 'record')} (${sayBytes(await bytesOf(kafka.source, topics))}) to bring while ${sayRate(comesIn)} come in, at ${speed} as assumed`
      if (!eta)
        return {
          verdict: 'failed',
          reason: 'never',
          evidence: { ...evidence, ...left },
          text: `${how}: so it never catches up. Give it more tasks, or see what holds it`,
        }
      const said = `${how}: caught up in ${sayEta(eta)}`
      const found = {
        ...evidence,
        ...left,
        bestMs: eta.bestMs,
        worstMs: Number.isFinite(eta.worstMs) ? eta.worstMs : null,
      }
      if (under !== undefined && eta.worstMs > under)
        return {
          verdict: 'failed',
          reason: 'too-long',
          evidence: found,
          text: `${said}, and not within ${sayDuration(under)}`,
        }
      return { verdict: 'passed', evidence: found, text: said }
    }),
})

function sayEta({ bestMs, worstMs }: Eta): string {
  if (!Number.isFinite(worstMs)) return `${sayDuration(bestMs)} at best, or never at its slowest pace`
  return worstMs > bestMs * 1.2 ? `${sayDuration(bestMs)} to ${sayDuration(worstMs)}` : `about ${sayDuration(worstMs)}`
}

function remaining(positions: Offsets, starts: Offsets, ends: Offsets): { records: number; partitions: number } {
  let records = 0
  let partitions = 0
  for (const { topic, partition, offset: end } of eachPartition(ends)) {
    const start = offsetOf(starts, { topic, partition }) ?? 0n
    const from = higher(offsetOf(positions, { topic, partition }) ?? start, start)
    if (from >= end) continue
    records += Number(end - from)
    partitions++
  }
  return { records, partitions }
}

/** What came in on the source and what arrived on the target, in the older and in the newer part of the window. */
function pacesOf(
  { base, mid }: { base: Sample; mid: Sample },
  now: { source: Offsets; target: Offsets },
  { now: at }: Look,
): readonly { in: number; over: number }[] {
  const read = ({ seen, at: then }: Sample) => ({
    at: then,
    source: fromJson(seen.source ?? {}),
    target: fromJson(seen.target ?? {}),
  })
  const [first, second, third] = [read(base), read(mid), { at, ...now }]
  const parts =
    second.at > first.at && third.at > second.at
      ? [[first, second] as const, [second, third] as const]
      : [[first, third] as const]
  return parts.map(([from, to]) => ({
    in: total(ratePerTopic(from.source, to.source, to.at - from.at)),
    over: total(ratePerTopic(from.target, to.target, to.at - from.at)),
  }))
}
interface Sample {
  readonly at: number
  readonly seen: Readonly<Record<string, OffsetsJson>>
}

/** The whole log at the trusted speed, while as many bytes come in as its records are long. */
async function etaBySize(
  source: SizesOf,
  topics: readonly string[],
  records: number,
  recordsIn: number,
  speed: string,
): Promise<Eta | undefined> {
  const bytes = await bytesOf(source, topics)
  const perRecord = records > 0 ? bytes / records : 0
  return etaOf(bytes, [{ over: bytesPerSecond(speed)!, in: recordsIn * perRecord }])
}

async function bytesOf(source: SizesOf, topics: readonly string[]): Promise<number> {
  const sizes = await source.sizes(topics)
  return [...sizes.values()].flatMap((of) => [...of.values()]).reduce((sum, bytes) => sum + Number(bytes), 0)
}
