import { encodeNote, type Kept, type Note, type Notes, noteName } from '../actions/note.js'
import { type Side, sides } from '../config/migration.js'
import type { Entry } from '../run/events.js'
import type { State } from '../run/state.js'
import type { Json } from '../runbook/json.js'
import type { FactName } from '../runbook/language.js'

export interface HeadsDeps {
  readonly log: {
    load(): Promise<{ readonly state: State; readonly now: number }>
    /** Entries after that version. */
    after(version: number): Promise<readonly Entry[]>
  }
  readonly fact: (state: State, name: FactName) => Promise<Json | undefined>
  readonly notes: Readonly<Record<Side, Notes>>
  readonly migration: string
  readonly warn: (text: string) => void
}

/** How long a side that refuses is left alone. */
const againAfterMs = 30_000

/**
 * Keeps the log's head, and what going on without it takes, in a ConfigMap on each side. A head that this log does not hold is
 * never overwritten: it may be all that is left of a log that was lost or cut.
 */
export function createHeads(deps: HeadsDeps): () => Promise<null> {
  const known = new Map<Side, { readonly head: string; readonly leaveUntil: number }>()
  return async () => {
    const { state, now } = await deps.log.load()
    const due = sides.filter((side) => {
      const kept = known.get(side)
      return kept?.head !== state.head && now >= (kept?.leaveUntil ?? 0)
    })
    if (!due.length) return null
    const data = await encodeNote(await noteOf(deps, state))
    await Promise.all(
      due.map(async (side) => {
        try {
          await keep(side, state, data)
          known.set(side, { head: state.head, leaveUntil: 0 })
        } catch (error) {
          if ((error as { code?: unknown }).code === 'conflict') return
          deps.warn(`The ConfigMap ${noteName(deps.migration)} on the ${side}: ${(error as Error).message}`)
          known.set(side, { head: known.get(side)?.head ?? '', leaveUntil: now + againAfterMs })
        }
      }),
    )
    return null
  }

  async function keep(side: Side, state: State, data: Record<string, string>): Promise<void> {
    const name = noteName(deps.migration)
    const found = await deps.notes[side].get(name)
    if (found && !(await isOurs(side, state, found.data)))
      throw new Error(
        `it holds head ${found.data.version} of a log that Redis does not hold, and is left as it is. verify names what is missing; adopt takes it over.`,
      )
    // Of an empty log there is nothing to keep; that one stood here before is told all the same.
    if (state.version > 0) await deps.notes[side].put(name, data, found?.resourceVersion)
  }

  async function isOurs(side: Side, state: State, kept: Readonly<Record<string, string>>) {
    return kept.head === known.get(side)?.head || holds(deps.log, state, kept)
  }
}

/** Whether the log has that head, or took over from it; what is no head is nobody's. */
async function holds(
  log: Pick<HeadsDeps['log'], 'after'>,
  { version, adopted }: State,
  { head = '', version: kept }: Readonly<Record<string, string>>,
): Promise<boolean> {
  const at = Number(kept)
  if (head === adopted?.head || !Number.isInteger(at)) return true
  return at > 0 && at <= version && (await log.after(at - 1))[0]?.hash === head
}

/**
 * Why no real run may begin on this log: on a side stands the head of another one, which was lost, and by which producers may run
 * elsewhere than this one says. A side that cannot be asked says nothing; without it nothing can be scaled there either.
 */
export function createLostHeads({ log, notes, migration }: Pick<HeadsDeps, 'log' | 'notes' | 'migration'>) {
  const name = noteName(migration)
  return async (): Promise<readonly string[]> => {
    // Before the log: a head is kept only after its entry, so a log that is read later holds it.
    const kept = await Promise.all(
      sides.map(async (side) => (await notes[side].get(name).catch(() => undefined))?.data),
    )
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

async function noteOf({ fact }: HeadsDeps, state: State): Promise<Note> {
  const names = Object.keys(state.facts) as FactName[]
  const facts = await Promise.all(names.map(async (name) => [name, await fact(state, name)] as const))
  const kept: Kept = {
    activeSide: state.activeSide,
    run: state.run as unknown as Json,
    past: state.past as unknown as readonly Json[],
    facts: Object.fromEntries(facts.filter(([, content]) => content !== undefined)),
  }
  return { version: state.version, head: state.head, kept }
}
