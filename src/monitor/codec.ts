import type { LagPoint } from './samples.js'

/** Points as text and back: offsets are bigints, which JSON has as strings. */
export const pointCodec = {
  encode: (point: LagPoint): string =>
    JSON.stringify([
      point.at,
      point.live,
      point.partitions.map(({ partition, end, committed }) => [
        partition,
        String(end),
        committed === null ? null : String(committed),
      ]),
    ]),
  decode: (text: string): LagPoint => {
    const [at, live, partitions] = JSON.parse(text) as [number, boolean | null, [number, string, string | null][]]
    return {
      at,
      live,
      partitions: partitions.map(([partition, end, committed]) => ({
        partition,
        end: BigInt(end),
        committed: committed === null ? null : BigInt(committed),
      })),
    }
  },
}
