import { type Side, sides } from '../config/migration.js'
import type { Entry } from '../run/events.js'
import type { State } from '../run/state.js'
import type { Log } from './submit.js'

/** A log that may be asked for its entries after a version. */
export interface ReadLog extends Pick<Log, 'load'> {
  after(version: number): Promise<readonly Entry[]>
}

/** What stands in a ConfigMap, as it was written there: a head, its version, and more. */
export type Noted = Readonly<Record<string, string>>

export interface LostHeadsDeps {
  readonly log: ReadLog
  /** What stands on a side; undefined: nothing. */
  noted(side: Side): Promise<Noted | undefined>
  /** Of the ConfigMaps. */
  readonly name: string
}

/** Whether the log has that head, or took over from it; what is no head is nobody's. */
export async function holds(
  log: Pick<ReadLog, 'after'>,
  { version, adopted }: State,
  { head = '', version: kept }: Noted,
): Promise<boolean> {
  const at = Number(kept)
  if (head === adopted?.head || !Number.isInteger(at)) return true
  return at > 0 && at <= version && (await log.after(at - 1))[0]?.hash === head
}

/**
 * Why no real run may begin on this log: on a side stands the head of another one, which was lost, and by which producers may run
 * elsewhere than this one says. A side that cannot be asked says nothing; without it nothing can be scaled there either.
 */
export function createLostHeads({ log, noted, name }: LostHeadsDeps) {
  return async (): Promise<readonly string[]> => {
    // Before the log: a head is kept only after its entry, so a log that is read later holds it.
    const kept = await Promise.all(sides.map((side) => noted(side).catch(() => undefined)))
    const { state } = await log.load()
    const lost = await Promise.all(kept.map(async (one) => one !== undefined && !(await holds(log, state, one))))
    const where = sides.filter((_, i) => lost[i])
    if (where.length === 0) return []
    const newest = Math.max(...kept.flatMap((one, i) => (lost[i] ? [Number(one?.version)] : [])))
    return [
      `The ConfigMap ${name} on the ${where.join(' and the ')} holds head ${newest} of a log that Redis does not hold. /migrate adopt takes over what it keeps; to begin afresh, delete it there (kubectl delete configmap ${name}).`,
    ]
  }
}
