import { z } from 'zod'
import { type Side, sides } from '../config/migration.js'
import { action } from './action.js'
import { PlanError } from './errors.js'
import { decodeNote, type Kept, type Note, type Notes, noteName } from './note.js'
import { Refusal } from './refusal.js'

interface Deps {
  readonly workloads: Readonly<Record<Side, { readonly configMaps: Pick<Notes, 'get'> }>>
}

const args = z.strictObject({})
const headSchema = z.object({ version: z.number(), head: z.string().optional() })

export const adopt = action<Deps, z.infer<typeof args>>({
  name: 'adopt',
  does: 'takes over what the ConfigMaps kept of a log that was lost: facts, active side, and the run with its done effects',
  args,
  async plan(deps, _, { migration }) {
    const notes = await notesOf(deps, migration.migration)
    if (!notes.length)
      throw new PlanError(
        'note-missing',
        `Neither side has a ConfigMap ${noteName(migration.migration)}, so there is nothing to take over. Abort and close this run.`,
      )
    const [found, older] = lost(notes)
    if (!found)
      throw new PlanError(
        'note-missing',
        `What the ConfigMap on the ${notes[0]!.side} keeps is of this log itself: nothing was lost, and there is nothing to take over. Abort and close this run.`,
      )
    const { note, side } = found
    if (!note.kept)
      throw new PlanError(
        'note-missing',
        `The ConfigMap on the ${side} holds the head of version ${note.version} and nothing else, so there is nothing to take over. Go on by the newest break-glass pack.`,
      )
    return {
      effects: [
        {
          id: 'adopt',
          action: 'adopt',
          target: 'log',
          before: { version: 0 },
          after: { version: note.version, head: note.head },
          on: { side },
          text: `take over ${say(note.kept)}, from log version ${note.version} as kept on the ${side}${older && older.note.head !== note.head ? `; version ${older.note.version} on the ${older.side} is left` : ''}`,
        },
      ],
    }
  },
  async perform(deps, effect, { migration }) {
    const { version, head } = headSchema.parse(effect.after)
    if (head === undefined) return { text: 'nothing is taken back: the log keeps what it took over' }
    const notes = lost(await notesOf(deps, migration.migration)).map(({ note }) => note)
    const [found] = notes
    if (found?.head !== head || !found.kept)
      throw new Refusal('fact-changed', 'What the ConfigMaps hold is not what was approved. Plan the step again')
    const { activeSide, run, past, facts } = found.kept
    return {
      text: `took over ${say(found.kept)}, from log version ${version}`,
      facts,
      adopts: {
        head: { version, head },
        heads: notes.map((note) => ({ version: note.version, head: note.head })),
        activeSide,
        past,
        adopted: run,
      },
    }
  },
})

interface NoteOn {
  readonly note: Note
  readonly side: Side
}

async function notesOf({ workloads }: Deps, migration: string): Promise<readonly NoteOn[]> {
  const found = await Promise.all(
    sides.map(async (side) => {
      const map = await workloads[side].configMaps.get(noteName(migration))
      const note = map && (await decodeNote(map.data))
      return note ? [{ note, side }] : []
    }),
  )
  return found.flat()
}

/**
 * Those of another log than this one, first the one that knows more. A note of another log is never overwritten before it was taken over,
 * so one in which that is still going on is our own.
 */
const lost = (notes: readonly NoteOn[]): readonly NoteOn[] =>
  notes.filter(({ note }) => !isTakingOver(note)).sort((a, b) => b.note.version - a.note.version)

function isTakingOver({ kept }: Note): boolean {
  const known = kept?.run as { runbook?: { name?: string }; phase?: { is?: string } } | null | undefined
  return known?.runbook?.name === 'adopt' && known.phase?.is === 'open'
}

function say({ run, activeSide, facts }: Kept): string {
  const known = run as { id?: string; phase?: { is?: string } } | null
  return `${known?.id ? `run ${known.id} (${known.phase?.is})` : 'no run'}, producers on the ${activeSide}, and ${Object.keys(facts).join(', ') || 'no facts'}`
}
