import type { Offsets, Range } from '../connect/kafka/types.js'
import type { OffsetChange } from './offsets.js'
import { changes, offsetOf } from './offsets.js'

/** A change since the certificate that only reading can judge: harmless if no data record lies in the range. */
export interface Doubt extends Range {
  readonly what: string
}

/** A change that voids the certificate without a look. */
export interface Broken extends OffsetChange {
  readonly what: string
}

/**
 * Compares offsets with those of a certificate. What moved forward may be markers only; what moved back or vanished is broken. A
 * first commit counts from the certified log end: a drained group without a commit had no data record below it.
 */
export function sinceCertificate(
  what: string,
  certified: Offsets,
  found: Offsets,
  ends: Offsets = new Map(),
): { doubts: Doubt[]; broken: Broken[] } {
  const doubts: Doubt[] = []
  const broken: Broken[] = []
  for (const change of changes(certified, found)) {
    const { topic, partition, to } = change
    const end = offsetOf(ends, change)
    if (change.from === undefined && end !== undefined && to !== undefined && to <= end) continue
    const from = change.from ?? end
    if (from !== undefined && to !== undefined && to > from) doubts.push({ what, topic, partition, from, to })
    else broken.push({ what, ...change })
  }
  return { doubts, broken }
}
