import type { Difference } from '../../proof/audit.js'
import type { AuditedTopic, AuditFact } from '../../proof/facts.js'
import { partitionName } from '../../proof/offsets.js'
import type { AuditPlan, PartitionAudit } from './audit.js'
import { count, few } from './say.js'

/** Kept of each topic in the log's evidence; the channel shows fewer. */
const linesKept = 100

/** What is known of all topics once these have been audited; of the others it stays what it was. */
export function withAudited(
  known: AuditFact | undefined,
  topics: AuditPlan['topics'],
  found: readonly PartitionAudit[],
  { at, by }: Pick<AuditedTopic, 'at' | 'by'>,
): AuditFact {
  const audited = topics.map(({ topic, partitions, skipped }): [string, AuditedTopic] => {
    const own = found.filter((one) => one.topic === topic)
    const sum = (of: (one: PartitionAudit) => number) => own.reduce((all, one) => all + of(one), 0)
    return [
      topic,
      {
        at,
        by,
        partitions: own.length,
        left: partitions - own.length,
        records: { source: sum(({ records }) => records.source), target: sum(({ records }) => records.target) },
        differing: sum(({ differing }) => differing),
        unexamined: sum(({ unexamined }) => unexamined),
        ...(skipped === undefined ? {} : { skipped }),
        differences: own.flatMap(differenceLines).slice(0, linesKept),
      },
    ]
  })
  return { topics: { ...known?.topics, ...Object.fromEntries(audited) } }
}

/** What differs on a partition, for people: how much of which time, then each record with what became of it. */
export function differenceLines(audit: PartitionAudit): readonly string[] {
  const { buckets, differences, differing } = audit
  if (differing === 0) return []
  const name = partitionName(audit)
  const times = buckets.flatMap((bucket) => (bucket ? [`${utc(bucket.from)} to ${utc(bucket.to)}`] : []))
  const more = differing - differences.length
  return [
    `${name}: ${count(differing, 'record')}${times.length > 0 ? ` of ${few(times)}` : ''}`,
    ...differences.map((one) => `${name}: ${sayDifference(one)}`),
    ...(more > 0 ? [`${name}: and ${more.toLocaleString('en')} more`] : []),
  ]
}

function sayDifference(one: Difference): string {
  switch (one.is) {
    case 'missing':
      return `source offset ${one.source} is missing on the target`
    case 'duplicated':
      return `source offset ${one.source} is on the target at ${one.first} and again at ${one.copy}, ${one.by === 'unknown' ? 'by a producer that gave no id' : `by ${one.by}`}`
    case 'altered':
      return `the ${one.what} of source offset ${one.source} is another at target offset ${one.target}`
    case 'foreign':
      return `target offset ${one.target} is no record of the source (${one.producer === '-1' ? 'its producer gave no id' : `producer id ${one.producer}`})`
  }
}

const utc = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
