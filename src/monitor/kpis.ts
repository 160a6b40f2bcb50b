import type { Offsets } from '../connect/kafka/types.js'
import type { ReadingGroup } from '../proof/consumption.js'
import { eachPartition, offsetOf, ofTopics, toJson } from '../proof/offsets.js'
import { ratePerTopic, total } from '../proof/rates.js'
import { type Sample, slide, type Window } from '../proof/window.js'
import type { GroupLag } from './lag.js'
import type { Seen } from './sample.js'

/** Rates are taken over about as long. */
const overMs = 30_000

export type RateWindow = Window<Omit<Seen, 'at'>>

export function slideRates(last: RateWindow | undefined, { at, ...seen }: Seen): RateWindow {
  const sample: Sample<Omit<Seen, 'at'>> = { at, seen }
  return slide(last, sample, overMs)
}

/** The figures of one look: what every topic holds and gets, and where each group stands and how fast it reads. */
export function kpisOf(
  { at, ends, commits }: Seen,
  { base }: RateWindow,
  lags: readonly GroupLag[],
  groups: readonly ReadingGroup[],
  starts: Offsets,
  bytes: Offsets | undefined,
) {
  const passedMs = at - base.at
  const rate = (before: Offsets, after: Offsets) => (passedMs > 0 ? ratePerTopic(before, after, passedMs) : undefined)
  const rateIn = rate(base.seen.ends, ends)
  const endsJson = toJson(ends)
  return {
    at,
    topics: [...ends].map(([topic, partitions]) => {
      let records = 0n
      for (const [partition, end] of partitions) records += end - (offsetOf(starts, { topic, partition }) ?? 0n)
      return {
        topic,
        ends: endsJson[topic] ?? [],
        inPerSecond: rateIn?.[topic] ?? null,
        records: Number(records),
        bytes: bytes ? sum(ofTopics(bytes, [topic])) : null,
      }
    }),
    groups: groups.map(({ group, topics }) => {
      const of = ofTopics(commits.get(group) ?? new Map(), topics)
      const read = rate(ofTopics(base.seen.commits.get(group) ?? new Map(), topics), of)
      const lag = lags.find((one) => one.group === group)
      return {
        group,
        state: lag?.state ?? 'ok',
        records: Number(lag?.lag ?? 0n),
        seconds: lag === undefined || lag.lagMs === null ? null : lag.lagMs / 1000,
        outPerSecond: read ? total(read) : null,
        committed: toJson(of),
      }
    }),
  }
}

function sum(offsets: Offsets): number {
  let all = 0n
  for (const { offset } of eachPartition(offsets)) all += offset
  return Number(all)
}
