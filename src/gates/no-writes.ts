import { createHash } from 'node:crypto'
import { z } from 'zod'
import { sides } from '../config/migration.js'
import type { Batch, Range } from '../connect/kafka/types.js'
import { fromJson, offsetsJson, partitionName, toJson } from '../proof/offsets.js'
import { between } from '../proof/ranges.js'
import { sayRate } from '../proof/rates.js'
import { createTally, records } from '../proof/tally.js'
import { gate } from './gate.js'
import type { Ends, OnKafka, Scans } from './reading/clients.js'
import { at, count, few } from './reading/say.js'
import { goneOf } from './reading/tally.js'
import { unlessUnreadable } from './reading/unreadable.js'
import { type NamesWriters, nameWriters } from './reading/writers.js'

const args = z.strictObject({ side: z.enum(sides) })
const lastSchema = z.object({ at: z.number(), ends: offsetsJson })
const mostNamed = 20

export const noWrites = gate<OnKafka<Ends & Scans> & NamesWriters, z.infer<typeof args>>({
  name: 'no-writes',
  proves:
    'no data record was written to any topic since the last look; if one was: where, how fast, by which producer, and which apps may be the ones, by what they produce, their ACLs and their pods',
  args,
  measure: (deps, { side }, look) =>
    unlessUnreadable(async () => {
      const { kafka } = deps
      const ends = await kafka[side].endOffsets(look.migration.topics)
      const evidence = { side, at: look.now, ends: toJson(ends) }
      const last = lastSchema.safeParse(look.last).data
      if (!last)
        return {
          verdict: 'inconclusive',
          reason: 'first-look',
          evidence,
          text: `The log ends of the ${side} are noted; the next look tells whether anybody writes`,
        }
      const grown = between(fromJson(last.ends), ends)
      const writers = await lastWriters(kafka[side], grown.slice(0, mostNamed))
      const written = writers.filter((one) => one.records > 0)
      if (written.length === 0 && grown.length <= mostNamed)
        return {
          verdict: 'passed',
          evidence,
          text:
            grown.length === 0
              ? `Nothing was written on the ${side} since the last look`
              : `Only ends of transactions were written on the ${side}, on ${count(grown.length, 'partition')}; no data`,
        }
      const seconds = Math.max(0.001, (look.now - last.at) / 1000)
      const suspects = await nameWriters(deps, look.migration, side)
      const each = written.map(({ range, ...one }) => ({
        partition: partitionName(range),
        rate: one.records / seconds,
        producerId: one.producerId,
        lastKey: one.lastKey,
        lastAt: one.lastAt,
        suspects: suspects(range.topic),
      }))
      return {
        verdict: 'failed',
        reason: 'still-writing',
        evidence: { ...evidence, writing: each.slice(0, 10) },
        text: `${count(grown.length, 'partition')} of the ${side} still ${grown.length === 1 ? 'gets' : 'get'} records: ${few(each.map((one) => `${one.partition} ${sayRate(one.rate)}${one.producerId === '-1' ? '' : ` from producer ${one.producerId}`}, last key ${one.lastKey} at ${at(one.lastAt)}, ${one.suspects}`))}`,
      }
    }),
})

/** Of each range the count of its data records, and who wrote the last one. */
async function lastWriters(kafka: Scans, ranges: readonly Range[]) {
  const found = new Map(
    ranges.map((range) => [range, { tally: createTally(range), last: undefined as Batch | undefined }]),
  )
  const starts = await kafka.scan(ranges, (range, batch) => {
    const one = found.get(range)
    one?.tally.add(batch)
    if (one && !batch.control) one.last = batch
  })
  return [...found].map(([range, { tally, last }], i) => ({
    range,
    // What retention has taken already was written all the same.
    records: records(tally.read()) + goneOf(range, starts[i]),
    producerId: (last?.producerId ?? -1n).toString(),
    lastAt: last?.maxTimestamp ?? 0,
    lastKey: redacted(last?.records().at(-1)?.key ?? null),
  }))
}

/** A key may be a person's name: its length and the start of its hash are enough to find it again. */
function redacted(key: Buffer | null): string {
  return key === null
    ? 'none'
    : `#${createHash('sha256').update(key).digest('hex').slice(0, 8)} (${count(key.length, 'byte')})`
}
