import { encodeNote, type Kept, type Note, type Notes, noteName } from '../actions/note.js'
import { type Side, sides } from '../config/migration.js'
import { holds, type ReadLog } from '../log/lost-heads.js'
import type { State } from '../run/state.js'
import type { Json } from '../runbook/json.js'
import type { FactName } from '../runbook/language.js'

export interface HeadsDeps {
  readonly log: ReadLog
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
