/** How long a backlog takes, by two rates measured one after the other; both are per second. */
export interface Eta {
  readonly bestMs: number
  readonly worstMs: number
}

/** Undefined: by none of the rates it ever ends. */
export function etaOf(left: number, rates: readonly { readonly over: number; readonly in: number }[]): Eta | undefined {
  const gains = rates.map((rate) => rate.over - rate.in)
  const [slowest, fastest] = [Math.min(...gains), Math.max(...gains)]
  if (fastest <= 0) return undefined
  const ms = (gain: number) => (gain > 0 ? (left / gain) * 1000 : Number.POSITIVE_INFINITY)
  return { bestMs: ms(fastest), worstMs: ms(slowest) }
}

const units: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
}

/** `64 MiB` as bytes. */
export function bytesOf(text: string): number | undefined {
  const [, figure, unit] = /^(\d+(?:\.\d+)?) ?(B|kB|MB|GB|KiB|MiB|GiB)$/.exec(text) ?? []
  return figure && unit ? Number(figure) * units[unit]! : undefined
}

/** `20 MiB/s` as bytes per second. */
export const bytesPerSecond = (text: string): number | undefined =>
  text.endsWith('/s') ? bytesOf(text.slice(0, -2)) : undefined

/** `1.4 GiB`, `320 KiB`, `12 B` */
export function sayBytes(bytes: number): string {
  const [unit, size] = (
    [
      ['TiB', 1024 ** 4],
      ['GiB', 1024 ** 3],
      ['MiB', 1024 ** 2],
      ['KiB', 1024],
    ] as const
  ).find(([, of]) => bytes >= of) ?? ['B', 1]
  const figure = bytes / size
  return `${figure >= 100 || Number.isInteger(figure) ? Math.round(figure) : figure.toFixed(1)} ${unit}`
}
