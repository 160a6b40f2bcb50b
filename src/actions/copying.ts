import type { NewRecord, Range, TopicPartition } from '../connect/kafka/types.js'
import type { Scans } from '../gates/reading/clients.js'
import { committedIn } from '../gates/reading/copies.js'
import { withProvenance } from '../proof/copies.js'
import { partitionName } from '../proof/offsets.js'
import { Refusal } from './refusal.js'

/** What one call can carry over in the time that it has. */
const pieceBytes = 8 * 1024 * 1024
const pieceRecords = 20_000
const sampled = 50n

export interface TakesOver {
  takeOver(name: string, partition: TopicPartition): Promise<{ append(records: readonly NewRecord[]): Promise<void> }>
}

/** Whoever copies into a partition does so under this name, so that there is one of them. */
export const copierOf = (migration: string, partition: TopicPartition): string =>
  `floodgate-copy-${migration}-${partitionName(partition)}`

/** The committed records of a piece as they are to be written; `end`: how far its transactions may reach. */
export async function recordsToCopy(target: Scans, { topic, partition, from, to }: Range, end: bigint) {
  const piece = await committedIn(target, { topic, partition, from, to }, end)
  if (!piece)
    throw new Refusal(
      'transaction-open',
      `A transaction that began below ${to} is open on ${partitionName({ topic, partition })} of the target. Wait for its timeout, or abort it (kafka-transactions.sh abort)`,
    )
  return piece.map((record) => ({ offset: record.offset, copy: withProvenance(record, { topic, partition }) }))
}

/** Bytes per record at the beginning of each range. */
export async function sizesOf(kafka: Scans, ranges: readonly Range[]): Promise<number[]> {
  const sums = ranges.map(() => ({ bytes: 0, records: 0 }))
  const heads = ranges.map((range) => ({
    ...range,
    to: range.from + sampled < range.to ? range.from + sampled : range.to,
  }))
  await kafka.scan(heads, (range, batch) => {
    const sum = sums[heads.indexOf(range)]
    if (!sum || batch.control) return
    for (const { key, value } of batch.records()) {
      sum.bytes += 100 + (key?.length ?? 0) + (value?.length ?? 0)
      sum.records += 1
    }
  })
  return sums.map(({ bytes, records }) => (records > 0 ? bytes / records : 1000))
}

/** A range in pieces, each of which one call can carry over. */
export function inPieces(range: Range, bytesPerRecord: number): Range[] {
  const step = BigInt(Math.max(1, Math.min(pieceRecords, Math.floor(pieceBytes / bytesPerRecord))))
  const pieces: Range[] = []
  for (let from = range.from; from < range.to; from += step)
    pieces.push({ ...range, from, to: from + step < range.to ? from + step : range.to })
  return pieces
}
