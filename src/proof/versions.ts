/** Of one API, which versions a broker speaks. */
export interface Spoken {
  readonly key: number
  readonly min: number
  readonly max: number
}

/** What apps say to brokers (https://kafka.apache.org/protocol). */
const ofApps: Readonly<Record<number, string>> = {
  0: 'Produce',
  1: 'Fetch',
  2: 'ListOffsets',
  3: 'Metadata',
  8: 'OffsetCommit',
  9: 'OffsetFetch',
  10: 'FindCoordinator',
  11: 'JoinGroup',
  22: 'InitProducerId',
}

/** What a client could say to the source and no longer to the target: `Fetch below 4`. */
export function dropped(source: readonly Spoken[], target: readonly Spoken[]): readonly string[] {
  return Object.entries(ofApps).flatMap(([key, name]) => {
    const [from, to] = [source, target].map((side) => side.find((one) => one.key === Number(key)))
    return from && to && to.min > from.min ? [`${name} below ${to.min}`] : []
  })
}

/** From 4.0 on brokers understand clients of 2.1 and later (KIP-896). */
export const oldestUnderstood = '2.1'

/** `0.11` is older than `2.1`, `2.1.1` is not. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((one) => one.split(/[.-]/).map(Number)) as [number[], number[]]
  const differs = b.findIndex((part, i) => (a[i] ?? 0) !== part)
  return differs >= 0 && (a[differs] ?? 0) < b[differs]!
}
