import { z } from 'zod'

/** What Slack shows, by field; one hash in Redis. */
export interface ShownStore {
  all(): Promise<ReadonlyMap<string, string>>
  /** Sets the field if it still holds `was` (null: if it is not there); false when another came first. `next` null removes it. */
  swap(field: string, was: string | null, next: string | null): Promise<boolean>
}

const shownSchema = z.object({
  /** Where it stands; null while its post is under way or its outcome is not known. */
  ts: z.string().nullable(),
  channel: z.string(),
  /** Digest of what was sent last. */
  content: z.string(),
  /** The log's version that it was drawn from: never an older one over it. */
  version: z.number(),
  sentAt: z.number(),
  /** While `ts` is null: from when on nobody can be at it any more. */
  freeAt: z.number().optional(),
  /** Posted again after an unknown outcome: when to look for a second copy. */
  doubtAt: z.number().optional(),
  over: z.string().optional(),
})
export type Shown = z.infer<typeof shownSchema>

const pictureSchema = z.object({
  /** Digest of the request that `file` or `next` was drawn for. */
  drawn: z.string(),
  drawnAt: z.number(),
  /** A file that can be shown. */
  file: z.string().nullable(),
  /** Uploaded, not usable yet. */
  next: z.string().nullable(),
  /** The file before it, which Slack may forget once it is shown nowhere. */
  old: z.string().nullable(),
  /** Instead of a picture. */
  words: z.string().nullable(),
})
export type Picture = z.infer<typeof pictureSchema>

const fileSchema = z.object({
  done: z.boolean(),
  /** While it is not done: from when on nobody can be at it any more. */
  freeAt: z.number(),
})

const uploadsSchema = z.object({ refusedUntil: z.number(), why: z.string() })

/** The hash as read at the start of a pass, typed; every write goes by `swap`, so that two bots never both do a thing. */
export async function readShown(store: ShownStore) {
  const raw = new Map(await store.all())
  const read = <T>(field: string, schema: z.ZodType<T>): T | null => {
    const text = raw.get(field)
    return text === undefined ? null : (schema.safeParse(JSON.parse(text)).data ?? null)
  }
  const write = async (field: string, value: object | null): Promise<boolean> => {
    const next = value && JSON.stringify(value)
    const done = await store.swap(field, raw.get(field) ?? null, next)
    if (done && next !== null) raw.set(field, next)
    if (done && next === null) raw.delete(field)
    return done
  }
  /** Reads one field again: another bot has changed it since the pass began. */
  const refresh = async (field: string): Promise<void> => {
    const text = (await store.all()).get(field)
    if (text === undefined) raw.delete(field)
    else raw.set(field, text)
  }
  return {
    keys: (): readonly string[] =>
      [...raw.keys()].filter((field) => field.startsWith('message/')).map((field) => field.slice(8)),
    message: (key: string) => read(`message/${key}`, shownSchema),
    setMessage: (key: string, shown: Shown | null) => write(`message/${key}`, shown),
    messageNow: async (key: string) => {
      await refresh(`message/${key}`)
      return read(`message/${key}`, shownSchema)
    },
    picture: (key: string) => read(`picture/${key}`, pictureSchema),
    setPicture: (key: string, picture: Picture) => write(`picture/${key}`, picture),
    file: (key: string) => read(`file/${key}`, fileSchema),
    setFile: (key: string, file: z.infer<typeof fileSchema> | null) => write(`file/${key}`, file),
    uploads: () => read('uploads', uploadsSchema),
    setUploads: (refusedUntil: number, why: string) => write('uploads', { refusedUntil, why }),
  }
}

export type ShownNow = Awaited<ReturnType<typeof readShown>>
