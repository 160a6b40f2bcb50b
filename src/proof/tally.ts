import type { Batch, Range } from '../connect/kafka/types.js'

/** What lies in a range of a log. Committed, aborted and open are the data records; markers are nothing to any consumer. */
export interface Tally {
  /** Data records that a transaction has committed, or that never were in one. */
  readonly committed: number
  /** Data to read_uncommitted, nothing to read_committed. */
  readonly aborted: number
  /** Of transactions whose end does not lie in the range. */
  readonly open: number
  readonly markers: number
  /** The oldest data record. */
  readonly first: { readonly offset: bigint; readonly timestamp: number } | undefined
}

export type Isolation = 'read_committed' | 'read_uncommitted'

/** How many records a reader of that isolation gets; unknown isolation means that no record of either kind may be there. */
export function records({ committed, aborted, open }: Tally, isolation?: Isolation): number {
  return committed + open + (isolation === 'read_committed' ? 0 : aborted)
}

/** Counts batches, in order, without unpacking those that lie wholly inside the range. */
export function createTally({ from, to }: Pick<Range, 'from' | 'to'>): { add(batch: Batch): void; read(): Tally } {
  const pending = new Map<bigint, number>()
  let committed = 0
  let aborted = 0
  let markers = 0
  let first: Tally['first']

  return {
    add(batch) {
      if (batch.lastOffset < from || batch.baseOffset >= to) return
      if (batch.control) {
        markers += batch.count
        const ended = pending.get(batch.producerId) ?? 0
        if (batch.control === 'commit') committed += ended
        if (batch.control === 'abort') aborted += ended
        pending.delete(batch.producerId)
        return
      }
      const isWhole = batch.baseOffset >= from && batch.lastOffset < to
      const inside =
        isWhole && first ? undefined : batch.records().filter(({ offset }) => offset >= from && offset < to)
      const count = inside ? inside.length : batch.count
      if (!first && inside?.[0]) first = { offset: inside[0].offset, timestamp: inside[0].timestamp }
      if (batch.transactional) pending.set(batch.producerId, (pending.get(batch.producerId) ?? 0) + count)
      else committed += count
    },
    read() {
      const open = [...pending.values()].reduce((sum, count) => sum + count, 0)
      return { committed, aborted, open, markers, first }
    },
  }
}
