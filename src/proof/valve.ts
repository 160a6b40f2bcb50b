import { isDeepStrictEqual } from 'node:util'
import type { ConnectOffset } from './facts.js'

/** Fields in which a source connector says that it is still reading everything from the start. */
const snapshotting = ['snapshot', 'snapshot_pending']

/**
 * What speaks against a connector having gone on from carried offsets: a partition it does not know, a figure that is lower, a
 * snapshot that was not under way when it was closed. Each as a sentence.
 */
export function behindCarried(carried: readonly ConnectOffset[], found: readonly ConnectOffset[]): string[] {
  const byPartition = new Map(found.map((one) => [key(one.partition), one.offset]))
  return carried.flatMap(({ partition, offset }) => {
    const now = byPartition.get(key(partition))
    if (!offset) return []
    if (!now) return [`${key(partition)} has no offset`]
    const lower = lowerField(offset, now)
    const anew = snapshotting
      .filter((field) => isSet(now[field]) && !isSet(offset[field]))
      .map((field) => `${field} is under way`)
    return [...(lower ? [`${lower} is ${now[lower]}, was ${offset[lower]}`] : []), ...anew].map(
      (why) => `${key(partition)}: ${why}`,
    )
  })
}

/** A partition whose offset holds a whole number too large to be carried to the digit (JSON is read into doubles); undefined: there is none. */
export function inexact(offsets: readonly ConnectOffset[]): string | undefined {
  const found = offsets.find((one) => [one.partition, one.offset].some(isInexact))
  return found && key(found.partition)
}

function isInexact(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(isInexact)
}

/** Every partition that was carried stands exactly where it was set: nothing was committed since. */
export function standsStill(carried: readonly ConnectOffset[], found: readonly ConnectOffset[]): boolean {
  const byPartition = new Map(found.map((one) => [key(one.partition), one.offset]))
  return carried.every(({ partition, offset }) => isDeepStrictEqual(byPartition.get(key(partition)) ?? null, offset))
}

/**
 * Where what stands first orders a connector's positions, and what follows orders those that are equal in it; nothing else in such an offset
 * has to grow. Debezium on PostgreSQL: a transaction that began early and was committed late comes with a lower LSN and id than what came
 * before it (seen with 3.1). On MySQL: row and event count anew in each transaction.
 */
const orders: readonly (readonly string[])[] = [
  ['lsn_commit', 'lsn_proc'],
  ['file', 'pos'],
]

/** The field by which an offset lies before the one that was carried; undefined where it does not, or cannot be compared. */
function lowerField(was: Fields, is: Fields): string | undefined {
  const order = orders.find(([first]) => first! in was && first! in is)
  const fields = order ?? Object.keys(was)
  // A position in another file is not lower for having a smaller number.
  if (fields.some((field) => typeof was[field] === 'string' && is[field] !== was[field])) return undefined
  const moved = fields.filter(
    (field) => typeof was[field] === 'number' && typeof is[field] === 'number' && is[field] !== was[field],
  )
  return (order ? moved.slice(0, 1) : moved).find((field) => Number(is[field]) < Number(was[field]))
}

type Fields = Readonly<Record<string, unknown>>

/** Map order varies between workers. */
function key(partition: ConnectOffset['partition']): string {
  return JSON.stringify(Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== 'false'
}
