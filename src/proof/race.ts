import type { Offsets, Range } from '../connect/kafka/types.js'
import { eachPartition, higher, offsetOf } from './offsets.js'

export interface RaceInput {
  /** The next source offset that the mirror reads; no entry: it has not begun there. */
  readonly positions: Offsets
  readonly starts: Offsets
  readonly ends: Offsets
  /** The first offset whose record is young enough to stay until the horizon; -1: none is. No entry: retention by time takes none. */
  readonly staying: Offsets
}

export interface Race {
  /** Below the log start and above the mirror's position: gone, and never mirrored. */
  readonly lost: readonly Range[]
  /** Not mirrored yet, and deleted before the horizon unless the mirror is faster. */
  readonly racing: readonly Range[]
  readonly behind: number
  readonly unbegun: number
}

/**
 * One offset below the log start says nothing: with the end of a transaction at the tail the mirror's position stays one short of
 * the log end for good.
 */
const markerAtTail = 1n

export function raceOf({ positions, starts, ends, staying }: RaceInput): Race {
  const lost: Range[] = []
  const racing: Range[] = []
  let behind = 0
  let unbegun = 0
  for (const { topic, partition, offset: end } of eachPartition(ends)) {
    const start = offsetOf(starts, { topic, partition }) ?? 0n
    const position = offsetOf(positions, { topic, partition })
    if (position === undefined) {
      if (start < end) unbegun++
      continue
    }
    if (position + markerAtTail < start) lost.push({ topic, partition, from: position, to: start })
    const from = higher(position, start)
    if (from >= end) continue
    behind++
    const stays = offsetOf(staying, { topic, partition })
    const to = stays === undefined ? from : stays < 0n ? end : stays
    if (from < to) racing.push({ topic, partition, from, to })
  }
  return { lost, racing, behind, unbegun }
}

/** How long until a partition holds so much above a position that retention by size takes the record there; undefined: never. */
export function untilTakenBySize(given: {
  readonly bytes: bigint
  readonly limit: bigint
  readonly start: bigint
  readonly end: bigint
  readonly position: bigint
  /** Records per second. */
  readonly rate: number
}): number | undefined {
  const { bytes, limit, start, end, position, rate } = given
  if (limit < 0n || end <= start) return undefined
  const perRecord = Number(bytes) / Number(end - start)
  const above = Number(end - higher(position, start)) * perRecord
  const room = Number(limit) - above
  if (room <= 0) return 0
  return rate > 0 ? (room / (rate * perRecord)) * 1000 : undefined
}
