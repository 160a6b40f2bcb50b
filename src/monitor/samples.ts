import type { Side } from '../config/migration.js'

/** One look at one topic as one group reads it. */
export interface LagPoint {
  /** Epoch milliseconds. */
  readonly at: number
  /** Whether the group had a member; null where the broker does not say. */
  readonly live: boolean | null
  readonly partitions: readonly {
    readonly partition: number
    readonly end: bigint
    readonly committed: bigint | null
  }[]
}

/** A ring of the newest points for each side, group and topic; may be lost. Offsets of the two sides have nothing to do with each other. */
export interface Samples {
  push(side: Side, group: string, topic: string, point: LagPoint): Promise<void>
  /** Points by topic, oldest first; only the `newest` of each where so many are asked for. */
  read(side: Side, group: string, newest?: number): Promise<ReadonlyMap<string, readonly LagPoint[]>>
}
