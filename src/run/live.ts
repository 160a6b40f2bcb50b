import type { GateLook } from './events.js'

/** The newest figures, for eyes only: may be lost at any time, decides nothing. */
export interface Live {
  readonly at: number
  readonly run: string
  readonly step: string
  readonly attempt: number
  readonly phase: 'think' | 'check' | 'effects'
  readonly gates: readonly GateLook[]
}

/** Newest lag of each group on the active side, from the sampler. */
export interface LagNow {
  readonly at: number
  readonly groups: readonly { readonly group: string; readonly records: number; readonly state: string }[]
  /** Offsets above the waterline, while producers run on the target. */
  readonly bornOnTarget?: number
}

/** Offsets by partition number, as decimals; null where there is none. */
export type OffsetList = readonly (string | null)[]

/** The newest figures of the active side, partition by partition: what dashboards and `lag` show. */
export interface Kpis {
  readonly at: number
  readonly side: 'source' | 'target'
  readonly topics: readonly TopicKpis[]
  readonly groups: readonly GroupKpis[]
}

export interface TopicKpis {
  readonly topic: string
  readonly ends: OffsetList
  /** Null until two looks have been taken. */
  readonly inPerSecond: number | null
  /** Offsets from log start to log end: as many records, or fewer where markers and compaction left gaps. */
  readonly records: number
  /** On disk, of one replica; null where the bot's user may not see it. */
  readonly bytes: number | null
}

export interface GroupKpis {
  readonly group: string
  readonly state: string
  readonly records: number
  /** How long ago the log end stood where the group stands now; null where the samples do not tell yet. */
  readonly seconds: number | null
  readonly outPerSecond: number | null
  readonly committed: Readonly<Record<string, OffsetList>>
}
