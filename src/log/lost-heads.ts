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
  if (adopted.some((one) => one.head === head) || !Number.isInteger(at)) return true
  return at > 0 && at <= version && (await log.after(at - 1))[0]?.hash === head
}

export interface LostHeads {
  /** On a side stands the head of another log than this one. */
  readonly lost: boolean
  /** Why no real run may begin: by a log that was lost producers may run elsewhere than this one says. Sentences; empty when all is well. */
  readonly why: readonly string[]
}

/**
 * Looks for heads that this log does not hold. A side whose cluster cannot be reached is passed over as long as the other one holds a
 * head: both hold the same, and a run that leaves a dead cluster must be able to begin. Whatever else a side answers with is no word for its being empty.
 */
export function createLostHeads({ log, noted, name }: LostHeadsDeps): () => Promise<LostHeads> {
  return async () => {
    // Before the log: a head is kept only after its entry, so a log that is read later holds it.
    const kept = await Promise.all(sides.map((side) => noted(side).catch((error: Error) => error)))
    const { state } = await log.load()
    const lost = await Promise.all(kept.map(async (one) => isNoted(one) && !(await holds(log, state, one))))
    const unread = sides.flatMap((side, i) => {
      const error = kept[i]
      if (!(error instanceof Error) || (isUnreachable(error) && isNoted(kept[1 - i]))) return []
      const could = `The ConfigMap ${name} on the ${side} could not be read, and may hold the head of a log that was lost`
      return [`${could}: ${error.message} Try again once it can.`]
    })
    const where = sides.filter((_, i) => lost[i])
    if (where.length === 0) return { lost: false, why: unread }
    const newest = Math.max(...kept.flatMap((one, i) => (isNoted(one) && lost[i] ? [Number(one.version)] : [])))
    const stands = `The ConfigMap ${name} on the ${where.join(' and the ')} holds head ${newest} of a log that Redis does not hold. /migrate adopt takes over what it keeps; to begin afresh, delete it there (kubectl delete configmap ${name}).`
    return { lost: true, why: [stands, ...unread] }
  }
}

const isNoted = (one: Noted | Error | undefined): one is Noted => one !== undefined && !(one instanceof Error)

const isUnreachable = (error: Error) => (error as { code?: unknown }).code === 'unreachable'
