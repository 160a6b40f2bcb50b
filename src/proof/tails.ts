import { createHash } from 'node:crypto'
import { keyOf } from '../connect/kafka/record.js'
import type { Batch, PackedRecord, Range } from '../connect/kafka/types.js'
import type { Isolation } from './tally.js'

/** A data record for comparison: equal prints mean equal key, value, headers and timestamp. */
export interface Printed {
  readonly offset: bigint
  readonly timestamp: number
  readonly print: string
  /** Of the key alone; undefined for a record without one. */
  readonly key: string | undefined
  /** A null value: on a compacted topic it deletes its key. */
  readonly tombstone: boolean
}

/**
 * Of the length-prefixed content, so that no two different records run together, and null is told from empty. The timestamp is left out
 * where a broker sets its own.
 */
export function fingerprint(
  { content, timestamp }: Pick<PackedRecord, 'content' | 'timestamp'>,
  isTimed = true,
): string {
  const hash = createHash('sha256').update(content).digest('base64')
  return isTimed ? `${hash}@${timestamp}` : hash
}

/** Collects the data records of a range as a reader of that isolation sees them; aborted ones leave when their marker comes. */
export function createTail({ from, to }: Pick<Range, 'from' | 'to'>, isolation: Isolation, isTimed = true) {
  let collected: (Printed & { open?: bigint })[] = []
  return {
    add(batch: Batch): void {
      if (batch.control) {
        collected = collected
          .filter(
            ({ open }) => !(open === batch.producerId && batch.control === 'abort' && isolation === 'read_committed'),
          )
          .map(({ open, ...one }) => (open === undefined || open === batch.producerId ? one : { ...one, open }))
        return
      }
      for (const record of batch.packed())
        if (record.offset >= from && record.offset < to) {
          const one = printed(record, isTimed)
          collected.push(batch.transactional ? { ...one, open: batch.producerId } : one)
        }
    },
    read: (): readonly Printed[] => collected,
  }
}

function printed(record: PackedRecord, isTimed: boolean): Printed {
  const { offset, timestamp } = record
  const { key, tombstone } = keyOf(record)
  return { offset, timestamp, print: fingerprint(record, isTimed), key: key?.toString('latin1'), tombstone }
}

export type TailComparison =
  | {
      readonly equal: true
      readonly compared: number /** The source offset behind the last mirrored record. */
      readonly position: bigint /** Source data records above it. */
      readonly behind: readonly Printed[]
    }
  | { readonly equal: false; readonly reason: 'differs' | 'missing' | 'empty'; readonly text: string }

export interface Tails {
  /** In order, from far enough back up to the log end. */
  readonly source: readonly Printed[]
  readonly target: readonly Printed[]
  /** Whether the target's list begins at the log start, so that nothing lies before it. */
  readonly targetWhole: boolean
  /** Whether retention has taken records of the target, which excuses a shorter tail. */
  readonly targetShortened: boolean
  /** Whether either side may have dropped superseded values. */
  readonly compacted: boolean
}

/**
 * Finds where the target's last record stands on the source and compares the last `wanted` data records before it, one by one
 * in order. What the source holds above is what the mirror still has to bring.
 */
export function compareTails(tails: Tails, wanted: number): TailComparison {
  const { source, target } = tails
  const last = target.at(-1)
  if (!last) {
    if (source.length === 0 || tails.targetWhole) return nothingMirrored(source)
    return { equal: false, reason: 'empty', text: 'the target holds no data record to compare' }
  }
  const compareAt = tails.compacted ? compareLatest : compareInOrder
  let best: TailComparison | undefined
  for (let at = source.length - 1; at >= 0; at--) {
    if (source[at]?.print !== last.print) continue
    const found = compareAt(tails, at, wanted)
    if (found.equal) return found
    best ??= found
  }
  return (
    best ?? {
      equal: false,
      reason: 'differs',
      text: `the target's last record (offset ${last.offset}) is not among the source's last ${source.length}`,
    }
  )
}

function compareInOrder({ source, target, ...tails }: Tails, at: number, wanted: number): TailComparison {
  const compared = Math.min(wanted, target.length, at + 1)
  for (let back = 0; back < compared; back++) {
    const here = source[at - back]
    const there = target[target.length - 1 - back]
    if (here?.print !== there?.print)
      return {
        equal: false,
        reason: 'differs',
        text: `source offset ${here?.offset} and target offset ${there?.offset} differ, ${back} records before the mirror's position`,
      }
  }
  const missing = Math.min(wanted, at + 1) - compared
  if (missing > 0 && !tails.targetShortened)
    return {
      equal: false,
      reason: 'missing',
      text: `the target begins ${missing} or more records later than the source, and its retention took nothing`,
    }
  return { equal: true, compared, position: (source[at]?.offset ?? -1n) + 1n, behind: source.slice(at + 1) }
}

function nothingMirrored(source: readonly Printed[]): TailComparison {
  return { equal: true, compared: 0, position: source[0]?.offset ?? 0n, behind: source }
}

/**
 * For compacted topics: up to the same position, the latest value of each key, in order. Either side may have dropped the values
 * before and the tombstones already, so those cannot be compared.
 */
function compareLatest({ source, target }: Tails, at: number, wanted: number): TailComparison {
  const here = latestPerKey(source.slice(0, at + 1))
  const there = latestPerKey(target)
  const compared = Math.min(wanted, here.length, there.length)
  for (let back = 1; back <= compared; back++) {
    const [one, other] = [here.at(-back), there.at(-back)]
    if (one?.print !== other?.print)
      return {
        equal: false,
        reason: 'differs',
        text: `the latest values of a key differ: source offset ${one?.offset}, target offset ${other?.offset}`,
      }
  }
  return { equal: true, compared, position: (source[at]?.offset ?? -1n) + 1n, behind: source.slice(at + 1) }
}

function latestPerKey(tail: readonly Printed[]): readonly Printed[] {
  const latest = new Map<string, bigint>()
  for (const { key, offset } of tail) if (key !== undefined) latest.set(key, offset)
  return tail.filter(({ key, offset, tombstone }) => key !== undefined && !tombstone && latest.get(key) === offset)
}
