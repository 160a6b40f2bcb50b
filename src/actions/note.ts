import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { z } from 'zod'
import { type Side, sides } from '../config/migration.js'
import type { Json } from '../runbook/json.js'
import { type FactName, factNames } from '../runbook/language.js'

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

/**
 * What the bot keeps of its log in a ConfigMap of its own on each side: the head, by which a cut tail shows, and all that
 * going on takes when Redis is lost. Who can write it can forge it, so what is taken over from it is approved by people.
 */
export interface Note {
  readonly version: number
  readonly head: string
  /** Null: it was too large, and only the head is kept. */
  readonly kept: Kept | null
}

export interface Kept {
  readonly activeSide: Side
  /** The newest run with its done effects and their before-values, as the log's own state has it. */
  readonly run: Json
  readonly past: readonly Json[]
  readonly facts: { readonly [name in FactName]?: Json }
}

export interface Notes {
  get(
    name: string,
  ): Promise<{ readonly data: Readonly<Record<string, string>>; readonly resourceVersion: string } | undefined>
  put(name: string, data: Readonly<Record<string, string>>, resourceVersion?: string): Promise<void>
}

export const noteName = (migration: string): string => `floodgate-${migration}`

/** A ConfigMap holds 1 MiB. */
const mostBytes = 900 * 1024
/** Without these the night can go on; they are measured again. */
const spared: readonly FactName[] = ['certificate', 'mirror-positions', 'baseline', 'capacity', 'audit']

export async function encodeNote({ version, head, kept }: Note): Promise<Record<string, string>> {
  const named = {
    version: String(version),
    head,
    about: 'Kept by Floodgate: /migrate verify and /migrate adopt read it.',
  }
  if (!kept) return { ...named, left: 'nothing is kept besides the head' }
  const without = Object.fromEntries(Object.entries(kept.facts).filter(([name]) => !spared.includes(name as FactName)))
  for (const facts of [kept.facts, without]) {
    const bytes = (await deflate(JSON.stringify({ ...kept, facts }))).toString('base64')
    if (bytes.length <= mostBytes) return { ...named, kept: bytes }
  }
  return { ...named, left: `what there is to keep is larger than ${mostBytes} bytes: only the head is kept` }
}

const named = z.object({ version: z.coerce.number().int().min(0), head: z.string() })
const keptSchema = z.object({
  activeSide: z.enum(sides),
  run: z.json(),
  past: z.array(z.json()),
  facts: z.partialRecord(z.enum(factNames), z.json()),
})

/** Undefined: this is no note of ours. */
export async function decodeNote(given: Readonly<Record<string, string>>): Promise<Note | undefined> {
  const head = named.safeParse(given).data
  if (!head) return undefined
  if (!given.kept) return { ...head, kept: null }
  try {
    const kept = keptSchema.parse(JSON.parse((await inflate(Buffer.from(given.kept, 'base64'))).toString()))
    return { ...head, kept: kept as Kept }
  } catch {
    return { ...head, kept: null }
  }
}
