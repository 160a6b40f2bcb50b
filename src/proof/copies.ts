import type { Batch, LogRecord, NewRecord, Range, TopicPartition } from '../connect/kafka/types.js'
import { partitionName } from './offsets.js'

/** The header by which a record that was copied back says which record of the target it is. */
export const provenanceKey = 'floodgate-copied-from'

/** As it is written to the source: unchanged but for one header more, behind all others. */
export function withProvenance({ timestamp, key, value, headers, offset }: LogRecord, of: TopicPartition): NewRecord {
  const name = Buffer.from(`${partitionName(of)}@${offset}`)
  return { timestamp, key, value, headers: [...headers, [Buffer.from(provenanceKey), name]] }
}

/**
 * The target offset that a record is the copy of; undefined for every other record. Only the last header counts, and only for
 * the partition it names: apps hand headers on, so records that never were copied may carry one.
 */
export function provenanceOf({ headers }: LogRecord, of: TopicPartition): bigint | undefined {
  const [key, value] = headers.at(-1) ?? []
  if (key?.toString() !== provenanceKey) return undefined
  const prefix = `${partitionName(of)}@`
  const text = value?.toString() ?? ''
  const offset = text.startsWith(prefix) ? text.slice(prefix.length) : ''
  return /^\d+$/.test(offset) ? BigInt(offset) : undefined
}

/** Whether a copy is what its original is, but for the header that says so. */
function isCopyOf(copy: LogRecord, original: LogRecord, isTimed: boolean): boolean {
  return (
    isSame(copy.key, original.key) &&
    isSame(copy.value, original.value) &&
    (!isTimed || copy.timestamp === original.timestamp) &&
    copy.headers.length === original.headers.length + 1 &&
    original.headers.every(([name, value], i) => {
      const [itsName, itsValue] = copy.headers[i]!
      return isSame(itsName, name) && isSame(itsValue, value)
    })
  )
}

const isSame = (a: Buffer | null, b: Buffer | null) => (a === null || b === null ? a === b : a.equals(b))

/** Collects the committed data records of a range, in order. Markers above the range may be added until nothing is open. */
export function createCommitted({ from, to }: Pick<Range, 'from' | 'to'>) {
  let collected: (LogRecord & { open?: bigint })[] = []
  let newest = from - 1n
  return {
    add(batch: Batch): void {
      if (batch.control) {
        collected = collected.flatMap(({ open, ...one }) => {
          if (open !== batch.producerId) return [{ ...one, ...(open === undefined ? {} : { open }) }]
          return batch.control === 'abort' ? [] : [one]
        })
        return
      }
      if (batch.lastOffset <= newest || batch.baseOffset >= to) return
      for (const record of batch.records())
        if (record.offset > newest && record.offset < to) {
          collected.push({ ...record, ...(batch.transactional ? { open: batch.producerId } : {}) })
          newest = record.offset
        }
    },
    isOpen: (): boolean => collected.some(({ open }) => open !== undefined),
    read: (): readonly LogRecord[] => collected,
  }
}

/** Why a list of copies is not the list of what was to be copied; undefined when it is, one by one and in order. */
export function differenceOf(
  originals: readonly LogRecord[],
  copies: readonly LogRecord[],
  of: TopicPartition,
  isTimed: boolean,
): string | undefined {
  for (const [i, original] of originals.entries()) {
    const copy = copies[i]
    if (!copy) return `target offset ${original.offset} has no copy`
    const from = provenanceOf(copy, of)
    if (from === undefined) return `source offset ${copy.offset} is no copy: somebody else wrote there`
    if (from > original.offset) return `target offset ${original.offset} has no copy`
    if (from < original.offset) return `source offset ${copy.offset} is a second copy of target offset ${from}`
    if (!isCopyOf(copy, original, isTimed))
      return `source offset ${copy.offset} is not what target offset ${original.offset} is`
  }
  return undefined
}

/**
 * Where on the source a group goes on that stood at `commit` on the target: at the copy of the first record that it had not
 * read; where there is none among these, behind them all.
 */
export function imageOf(
  commit: bigint,
  originals: readonly LogRecord[],
  copies: readonly LogRecord[],
  behind: bigint,
): bigint {
  const at = originals.findIndex(({ offset }) => offset >= commit)
  return at < 0 ? behind : (copies[at]?.offset ?? behind)
}
