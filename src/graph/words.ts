/** Figures and times as graphs write them. Times are UTC, so that people in several places read the same. */
export function sayCount(n: number): string {
  return Math.round(n).toLocaleString('en-US')
}

/** Short enough for an axis: `950`, `12k`, `1.5M`. */
export function sayShort(n: number): string {
  if (n < 1000) return String(Math.round(n))
  if (n < 1_000_000) return `${trim(n / 1000)}k`
  return `${trim(n / 1_000_000)}M`
}

export function sayTime(at: number, withSeconds: boolean): string {
  return new Date(at).toISOString().slice(11, withSeconds ? 19 : 16)
}

const trim = (n: number) => n.toFixed(1).replace(/\.0$/, '')
