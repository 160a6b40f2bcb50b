import { z } from 'zod'

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const expected = 'expected a duration such as 10s, 30m or 1h30m'

/** A duration as people write it (`10s`, `1h30m`, `250ms`), read as milliseconds. */
export const durationMs = z.union(
  [
    z.int().min(0),
    z
      .string()
      .regex(/^(\d+(ms|s|m|h|d))+$/, expected)
      .transform((text) =>
        [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)].reduce((sum, [, n, unit]) => sum + Number(n) * units[unit!]!, 0),
      ),
  ],
  { error: expected },
)

/** Milliseconds as people read them: `850 ms`, `12 s`, `4 min 10 s`, `1 h 30 min`. */
export function sayDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const s = Math.round(ms / 1000)
  if (s < 60) return `${s} s`
  const min = Math.floor(s / 60)
  if (min < 60) return s % 60 ? `${min} min ${s % 60} s` : `${min} min`
  return min % 60 ? `${Math.floor(min / 60)} h ${min % 60} min` : `${Math.floor(min / 60)} h`
}
