import type { KafkaMessage } from 'kafkajs'

/** What one partition delivered in one fetch. */
export interface Slice {
  readonly topic: string
  readonly partition: number
  readonly messages: readonly KafkaMessage[]
}

/**
 * Puts what all partitions deliver at about the same time through `carry` in one go, so that one transaction or one commit
 * serves twelve partitions. Each `add` resolves when its own slice was carried.
 *
 * What was taken once is not taken again: after a rejoin kafkajs reads on from the committed position, which is an older one while
 * a slice is still being carried, and also while the markers of its transaction are being written (KIP-447; kafkajs cannot ask for
 * stable offsets).
 */
export function createGather(carry: (slices: readonly Slice[]) => Promise<void>): { add(slice: Slice): Promise<void> } {
  const taken = new Map<string, bigint>()
  let waiting: Slice[] = []
  let next: Promise<void> | undefined
  let last: Promise<void> = Promise.resolve()

  const notYetTaken = ({ topic, partition, messages }: Slice): Slice => {
    const place = `${topic}-${partition}`
    const from = taken.get(place) ?? 0n
    const fresh = messages.filter(({ offset }) => BigInt(offset) >= from)
    const newest = fresh.at(-1)
    if (newest) taken.set(place, BigInt(newest.offset) + 1n)
    return { topic, partition, messages: fresh }
  }

  return {
    async add(delivered) {
      const slice = notYetTaken(delivered)
      if (slice.messages.length === 0) return
      waiting.push(slice)
      next ??= last.then(async () => {
        await new Promise((resolve) => setImmediate(resolve))
        const slices = waiting
        waiting = []
        next = undefined
        last = carry(slices)
        await last
      })
      return next
    },
  }
}

/** Where a group goes on after these slices: the record after the last one read. */
export function positionsAfter(slices: readonly Slice[]): { topic: string; partition: number; offset: string }[] {
  return slices.flatMap(({ topic, partition, messages }) => {
    const last = messages.at(-1)
    return last ? [{ topic, partition, offset: String(BigInt(last.offset) + 1n) }] : []
  })
}
