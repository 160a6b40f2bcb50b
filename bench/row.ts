/** One line of the table: what was measured here, beside its peer. All figures are medians over `runs`. */
export interface Row {
  readonly suite: string
  readonly name: string
  readonly unit: string
  readonly ours: number
  /** Null where there is nothing to compare with. */
  readonly peer: number | null
  readonly peerName: string | null
  /** Ours by the peer's. */
  readonly ratio: number | null
  /** What ours must not exceed, in `unit`. */
  readonly goal: number | null
  /** What the ratio must not exceed: 0.2 is "five times faster than the peer". */
  readonly ratioGoal: number | null
  readonly runs: number
}

export interface Measured {
  readonly name: string
  readonly unit: string
  readonly ours: readonly number[]
  readonly peer?: { readonly name: string; readonly values: readonly number[] }
  readonly goal?: number
  readonly ratioGoal?: number
}

export function rowOf(suite: string, { name, unit, ours, peer, goal, ratioGoal }: Measured): Row {
  const our = median(ours)
  const their = peer ? median(peer.values) : null
  return {
    suite,
    name,
    unit,
    ours: rounded(our),
    peer: their === null ? null : rounded(their),
    peerName: peer?.name ?? null,
    ratio: their ? rounded(our / their) : null,
    goal: goal ?? null,
    ratioGoal: ratioGoal ?? null,
    runs: ours.length,
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const rounded = (value: number) => Number(value.toPrecision(4))
