import { apply } from '../run/apply.js'
import type { Command, Refusal } from '../run/commands.js'
import { decide } from '../run/decide.js'
import type { Entry, Event } from '../run/events.js'
import { emptyState, type State } from '../run/state.js'
import { chain } from './chain.js'
import { LogLost, NotRecorded } from './errors.js'
import { lift } from './lift.js'
import type { LogStore } from './store.js'

export interface Log {
  /** The state as of now, and the log's clock. */
  load(): Promise<Seen>
  /**
   * Decides on the newest state and appends; decides again when somebody else was first. Who has just loaded the state hands in what was
   * `seen`, and spares a person's click one turn to the store: the append finds out whether it is still the newest.
   */
  submit(command: Command, seen?: Seen): Promise<Submitted>
  /** The whole log, for verify and report. */
  entries(): Promise<readonly Entry[]>
}

export interface Seen {
  readonly state: State
  /** The store's clock when it was read, epoch milliseconds. */
  readonly now: number
}

export type Submitted = { readonly events: readonly Event[]; readonly state: State } | Refusal

/** Within this the log answers, or the person hears that nothing was recorded. */
const answersWithinMs = 2000

/**
 * Commands queue inside one process, so only replicas race. `appended` is called after each append with the new state:
 * a hint to wake whoever acts on it, never a promise.
 */
export function createLog(store: LogStore, appended: (state: State) => void): Log {
  let cached = emptyState
  let queue: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work, work)
    queue = turn.catch(() => {})
    return turn
  }

  async function catchUp(): Promise<number> {
    const { entries, now } = await within(store.readAfter(cached.version))
    const fresh = entries.map(lift)
    if (fresh[0] && fresh[0].prev !== cached.head) throw new LogLost(cached.version)
    cached = fresh.reduce(apply, cached)
    return now
  }

  return {
    load: () =>
      inTurn(async () => {
        const now = await catchUp()
        return { state: cached, now }
      }),
    submit: (command, seen) =>
      inTurn(async () => {
        const isNewest = seen?.state.version === cached.version
        const first = isNewest ? { decided: decide(cached, command, seen.now), now: seen.now } : undefined
        // Nothing is refused, and nothing taken for done, on a state that may be over by now.
        if (first && !('refused' in first.decided) && first.decided.length && (await append(first.decided, first.now)))
          return { events: first.decided, state: cached }
        for (let lost = -1; ; lost = cached.version) {
          const now = await catchUp()
          // Somebody else was first, and yet nothing is new: the log is shorter than what was read of it.
          if (lost === cached.version) throw new LogLost(lost)
          const decided = decide(cached, command, now)
          if ('refused' in decided) return decided
          if (!decided.length) return { events: [], state: cached }
          if (await append(decided, now)) return { events: decided, state: cached }
        }

        async function append(decided: readonly Event[], now: number): Promise<boolean> {
          const entries = chain(cached, decided, command.by, now)
          if (!(await within(store.append(cached.version, entries)))) return false
          cached = entries.reduce(apply, cached)
          appended(cached)
          return true
        }
      }),
    entries: async () => (await store.readAfter(0)).entries.map(lift),
  }
}

async function within<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NotRecorded(new Error(`no answer in ${answersWithinMs} ms`))), answersWithinMs)
  })
  try {
    return await Promise.race([answer, late])
  } catch (error) {
    throw error instanceof NotRecorded ? error : new NotRecorded(error)
  } finally {
    clearTimeout(timer)
  }
}
