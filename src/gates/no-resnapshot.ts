import { z } from 'zod'
import { type Side, sides } from '../config/migration.js'
import type { LogRecord, Range } from '../connect/kafka/types.js'
import { readFact, valveOffsetsFact } from '../proof/facts.js'
import { fromJson, type toJson } from '../proof/offsets.js'
import { between } from '../proof/ranges.js'
import { behindCarried, standsStill } from '../proof/valve.js'
import { gate } from './gate.js'
import type { ConnectorOffsets, Ends, OnConnect, OnKafka, Scans, Starts } from './reading/clients.js'
import { at, count } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'
import { connectValve, noValve, otherSide } from './reading/valve.js'

const args = z.strictObject({ side: z.enum(sides) })
const lookBack = 200n

export const noResnapshot = gate<OnKafka<Ends & Starts & Scans> & OnConnect<ConnectorOffsets>, z.infer<typeof args>>({
  name: 'no-resnapshot',
  proves:
    'the opened valve goes on from the offsets that were carried over, not from the start; last record in by the old way, first by the new',
  args,
  needs: ['valve-offsets'],
  measure: ({ kafka, connect }, { side }, look) =>
    unlessUnreadable(async () => {
      const valve = connectValve(look.migration)
      if (!valve) return noValve
      const carried = readFact(valveOffsetsFact, await look.fact('valve-offsets'))
      // Rolling back from a state in which the valve never moved: it was not opened, so nothing can have been read anew.
      if (!carried?.opened || carried.opened.side !== side)
        return {
          verdict: 'passed',
          text: `The valve was not opened on the ${side} by a carried offset; it went on from its own`,
        }
      const { url, connector } = valve[side]
      const found = await connect(url).offsets(connector)
      const behind = behindCarried(carried.offsets, found)
      if (behind.length > 0)
        return {
          verdict: 'failed',
          reason: 'behind',
          evidence: { behind: behind.slice(0, 10) },
          text: `The valve ${connector} on the ${side} does not stand where it was set: ${behind[0]}. Close it and look before more is read twice`,
        }
      const [last, first] = await Promise.all([
        newest(kafka[otherSide(side)], valve.topics),
        oldestSince(kafka[side], valve.topics, carried.opened.ends),
      ])
      // What was written to the topic was read back from there; that its worker reads it too shows in what the worker writes behind it.
      const { offsets: topic } = valve[side]
      if (topic && first && standsStill(carried.offsets, found))
        return {
          verdict: 'inconclusive',
          text: `The valve ${connector} has brought records to the ${side}, and ${topic} does not hold yet how far it has come. It does at its next commit (offset.flush.interval.ms); if it never does, its worker keeps its offsets elsewhere and has read everything anew`,
        }
      return {
        verdict: 'passed',
        evidence: { carried: carried.offsets.length, last: last ?? null, first: first ?? null },
        text: `The valve goes on from the ${count(carried.offsets.length, 'offset')} carried over. ${say('Last in', otherSide(side), last)}; ${say('first in', side, first)}`,
      }
    }),
})

type Seen = { readonly where: string; readonly timestamp: number }

async function newest(kafka: Ends & Starts & Scans, topics: readonly string[]): Promise<Seen | undefined> {
  const [starts, ends] = await Promise.all([kafka.startOffsets(topics), kafka.endOffsets(topics)])
  const ranges = between(starts, ends).map((range) =>
    range.to - range.from > lookBack ? { ...range, from: range.to - lookBack } : range,
  )
  return pick(kafka, ranges, (one, best) => one.timestamp >= best.timestamp)
}

async function oldestSince(
  kafka: Ends & Scans,
  topics: readonly string[],
  opened: ReturnType<typeof toJson>,
): Promise<Seen | undefined> {
  const ends = await kafka.endOffsets(topics)
  const ranges = between(fromJson(opened), ends).map((range) =>
    range.to - range.from > lookBack ? { ...range, to: range.from + lookBack } : range,
  )
  return pick(kafka, ranges, (one, best) => one.timestamp < best.timestamp)
}

async function pick(
  kafka: Scans,
  ranges: readonly Range[],
  better: (one: LogRecord, best: Seen) => boolean,
): Promise<Seen | undefined> {
  let best: Seen | undefined
  await kafka.scan(ranges, (range, batch) => {
    if (batch.control) return
    for (const record of batch.records())
      if (record.offset >= range.from && record.offset < range.to && (!best || better(record, best)))
        best = { where: `${range.topic}-${range.partition}@${record.offset}`, timestamp: record.timestamp }
  })
  return best
}

function say(what: string, side: Side, seen: Seen | undefined): string {
  return seen ? `${what} by the ${side}: ${seen.where} of ${at(seen.timestamp)}` : `${what} by the ${side}: none yet`
}
