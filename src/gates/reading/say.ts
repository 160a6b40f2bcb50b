/** `1 group`, `3 groups`, `1,200 records` */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`
}

/** The first few of a list, and how many more there are. */
export function few(items: readonly string[], shown = 3): string {
  const rest = items.length - shown
  return rest > 0 ? `${items.slice(0, shown).join(', ')} and ${rest} more` : items.join(', ')
}

/** A point in time to the second, in UTC, as logs have it. */
export function at(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(11, 19)} UTC`
}
