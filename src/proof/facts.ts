import { z } from 'zod'
import type { Json } from '../runbook/json.js'
import { offsetsJson } from './offsets.js'

const side = z.enum(['source', 'target'])

/** What flowed before the night's first change: records per second into each topic, and read by each group. */
export const baselineFact = z.object({
  side,
  at: z.number(),
  overMs: z.number(),
  rateIn: z.record(z.string(), z.number()),
  rateOut: z.record(z.string(), z.number()),
})
export type Baseline = z.infer<typeof baselineFact>

/** The target's log ends when the mirror had stopped, and how many source records stay behind per topic. */
export const waterlineFact = z.object({
  at: z.number(),
  offsets: offsetsJson,
  leftBehind: z.record(z.string(), z.number()),
})
export type Waterline = z.infer<typeof waterlineFact>

/** The next source offset that the mirror would read. */
export const mirrorPositionsFact = z.object({ at: z.number(), positions: offsetsJson })
export type MirrorPositions = z.infer<typeof mirrorPositionsFact>

/** State of a drained side: log ends, and every group's commits, with since when they had stood still then. */
export const certificate = z.object({
  at: z.number(),
  ends: offsetsJson,
  commits: z.record(z.string(), offsetsJson),
  /** Epoch milliseconds by group; certificates of older logs lack it. */
  stillSince: z.record(z.string(), z.number()).optional(),
})
export type Certificate = z.infer<typeof certificate>

/** The newest certificate of each side; `side` says which of them was made last. */
export const certificateFact = z.object({ side, source: certificate.optional(), target: certificate.optional() })
export type Certificates = z.infer<typeof certificateFact>

const connectOffset = z.object({
  partition: z.record(z.string(), z.unknown()),
  offset: z.record(z.string(), z.unknown()).nullable(),
})
export type ConnectOffset = z.infer<typeof connectOffset>

/** Where the valve stood when it was closed on a side, and where it was opened with that. */
export const valveOffsetsFact = z.object({
  at: z.number(),
  from: side,
  offsets: z.array(connectOffset),
  /** The side on which it was closed last, and its log ends of the valve's topics just after. */
  closed: z.object({ side, ends: offsetsJson }).optional(),
  /** What the valve has brought to the target, as far as it has been copied back: looked for on the source up to there, and the next to copy. */
  copied: z.object({ lookedTo: offsetsJson, next: offsetsJson, records: z.number() }).optional(),
  /** The side that was opened with these offsets, and its log ends of the valve's topics just before. */
  opened: z.object({ side, ends: offsetsJson }).optional(),
})
export type ValveOffsets = z.infer<typeof valveOffsetsFact>

/** Where people have said that a valve stands which they work themselves; `moving` from the moment they were told to move it. */
export const valveWordFact = z.object({ at: z.number(), stands: z.enum(['source', 'target', 'closed', 'moving']) })
export type ValveWord = z.infer<typeof valveWordFact>

/** Ranges of the target that no mirror brought, `[from, to)`, and which the source has or will have by other means. */
export const orphansFact = z.object({
  at: z.number(),
  /** When the mirror was last started: a waterline from before is history, since records have come by mirror above it. */
  mirrorStartedAt: z.number().optional(),
  ranges: z.array(
    z.object({ topic: z.string(), partition: z.number(), from: z.string(), to: z.string(), records: z.number() }),
  ),
})
export type Orphans = z.infer<typeof orphansFact>

/** What was copied back to the source, read back and compared one by one. */
export const copyFact = z.object({
  at: z.number(),
  /** Log ends of either side behind the last of it. */
  ends: z.object({ source: offsetsJson, target: offsetsJson }),
  records: z.number(),
  /** Per group, where on the source it goes on: the images of its own commits on the target. */
  images: z.record(z.string(), offsetsJson),
})
export type Copy = z.infer<typeof copyFact>

const loadRun = z.object({ at: z.number(), bytesPerSecond: z.number() })
/** What each side took in its newest load run: a lower bound, by one client. */
export const capacityFact = z.object({ source: loadRun.optional(), target: loadRun.optional() })
export type Capacity = z.infer<typeof capacityFact>

const auditedTopic = z.object({
  /** When the log ends up to which it was compared were read. */
  at: z.number(),
  by: z.string(),
  /** Compared, and those that could not be. */
  partitions: z.int(),
  left: z.int(),
  records: z.object({ source: z.number(), target: z.number() }),
  differing: z.number(),
  /** Spans of time that differ in sum but were not taken apart. */
  unexamined: z.number(),
  /** Why it cannot be compared record by record. */
  skipped: z.string().optional(),
  /** The first of what differs, for people. */
  differences: z.array(z.string()),
})
export type AuditedTopic = z.infer<typeof auditedTopic>
/** What the newest audit of each topic has found. */
export const auditFact = z.object({ topics: z.record(z.string(), auditedTopic) })
export type AuditFact = z.infer<typeof auditFact>

/** A fact as recorded, read by its schema; undefined when it was never given. */
export function readFact<T>(schema: z.ZodType<T>, fact: Json | undefined): T | undefined {
  return fact === undefined ? undefined : schema.parse(fact)
}
