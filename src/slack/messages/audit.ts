import type { Content } from '../announce/web.js'
import { section } from './blocks.js'
import { bullets, clipped, count, escaped, named } from './say.js'

export interface AuditedPartition {
  readonly topic: string
  readonly partition: number
  readonly records: { readonly source: number; readonly target: number }
  /** What differs, line by line: when, and which records. */
  readonly differences: readonly string[]
  readonly differing: number
  /** Spans of time that differ in sum but were not taken apart. */
  readonly unexamined: number
}

export interface AuditResult {
  readonly partitions: readonly AuditedPartition[]
  /** Topics that cannot be compared, and partitions that could not: why. */
  readonly skipped: readonly { readonly topic: string; readonly why: string }[]
  readonly failed: readonly string[]
  readonly by: string
}

const linesShown = 20

/** What an audit has found: first whether anything differs, then where, when and which records. */
export function auditMessage(result: AuditResult): Content {
  const lines = auditLines(result)
  const text = lines[0]!
  return {
    text,
    blocks: [section(`*${text}*`), ...(lines.length > 1 ? [section(bullets(lines.slice(1), linesShown), 2900)] : [])],
  }
}

/** The whole of it, line by line. */
export function auditLines({ partitions, skipped, failed, by }: AuditResult): readonly [string, ...string[]] {
  const wrong = partitions.filter(({ differing }) => differing > 0)
  const sum = (side: 'source' | 'target') => partitions.reduce((all, { records }) => all + records[side], 0)
  const compared = `${count(sum('source'), 'record')} of the source and ${sum('target').toLocaleString('en')} of the target on ${count(partitions.length, 'partition')}`
  const verdict =
    wrong.length > 0
      ? `${count(
          wrong.reduce((all, { differing }) => all + differing, 0),
          'record',
        )} differ on ${count(wrong.length, 'partition')} of ${partitions.length}: ${compared} were compared.`
      : failed.length > 0 || partitions.length === 0 || partitions.some(({ unexamined }) => unexamined > 0)
        ? `Nothing was found to differ, but not all could be compared: ${compared} were.`
        : `Nothing is missing, doubled or altered: ${compared} were compared.`
  return [
    `Audit, asked for by ${named(by)}: ${verdict}`,
    ...wrong.flatMap(({ differences }) => differences.map(named)),
    ...partitions.flatMap(unexaminedLine),
    ...failed.map((why) => escaped(clipped(why, 300))),
    ...skipped.map(({ topic, why }) => `${named(topic)} is left out: ${escaped(why)}`),
  ]
}

function unexaminedLine({ topic, partition, unexamined }: AuditedPartition): readonly string[] {
  if (!(unexamined > 0)) return []
  return [
    `${named(topic)}-${partition}: ${count(unexamined, 'span')} of time differ in sum and were not examined record by record: too many or too large`,
  ]
}
