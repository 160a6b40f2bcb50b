import { z } from 'zod'
import { type Migration, sides } from '../config/migration.js'
import type { LogRecord, Range } from '../connect/kafka/types.js'
import { createCommitted } from '../proof/copies.js'
import { baselineFact, readFact, waterlineFact } from '../proof/facts.js'
import { type Form, formOf, shapeOf, textOf } from '../proof/forms.js'
import { fromJson, higher, offsetOf, partitionName } from '../proof/offsets.js'
import { between } from '../proof/ranges.js'
import { gate } from './gate.js'
import type { Ends, OnKafka, Scans, Starts } from './reading/clients.js'
import { countRecords } from './reading/count.js'
import { at, count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'
import { redact } from './redact.js'

const args = z.strictObject({
  side: z.enum(sides),
  records: z
    .int()
    .min(1)
    .max(1000)
    .default(20)
    .describe('how many of the newest records of each partition are looked at'),
  show: z
    .enum(['shape', 'values'])
    .default('shape')
    .describe('shape: names and kinds of fields; values: the text itself, without what looks like a secret'),
})
const shownRecords = 3

export const damSample = gate<OnKafka<Ends & Starts & Scans>, z.infer<typeof args>>({
  name: 'dam-sample',
  proves:
    'what was born above the waterline is there and is written as what the mirror brought below it, seen before anybody downstream reads it',
  args,
  needs: ['waterline'],
  measure: ({ kafka }, { side, records, show }, look) =>
    unlessUnreadable(async () => {
      const fact = readFact(waterlineFact, await look.fact('waterline'))
      if (!fact) return { verdict: 'failed', reason: 'no-waterline', text: 'No waterline is recorded' }
      const topics = heldByDam(look.migration)
      const waterline = fromJson(fact.offsets)
      const [starts, ends] = await Promise.all([kafka[side].startOffsets(topics), kafka[side].endOffsets(topics)])
      const born = between(waterline, ends)
      const counted = await countRecords(kafka[side], born, 'read_committed')
      const total = counted.reduce((sum, one) => sum + one.records, 0)
      const before = readFact(baselineFact, await look.fact('baseline'))?.rateIn
      if (total === 0 && before && topics.every((topic) => !before[topic]))
        return {
          verdict: 'passed',
          text: `Nothing lies above the waterline on ${few(topics)}, where nothing was written before either`,
        }
      if (total === 0)
        return {
          verdict: 'failed',
          reason: 'nothing',
          text: `Nothing lies above the waterline yet on ${few(topics)}, so there is nothing to look at before the Dam reads`,
        }
      const newest = (range: Range): Range => ({ ...range, from: higher(range.from, range.to - BigInt(records)) })
      const mirrored = born.map((range): Range => ({ ...range, from: offsetOf(starts, range) ?? 0n, to: range.from }))
      const [above, below] = await Promise.all([
        read(kafka[side], born.map(newest)),
        read(kafka[side], mirrored.map(newest)),
      ])
      if (above.length === 0)
        return {
          verdict: 'inconclusive',
          reason: 'unseen',
          evidence: { side, total, looked: 0 },
          text: `${count(total, 'record')} lie above the waterline on ${few(topics)}, but none among the newest ${records} offsets of any partition, so none was looked at. Look at more with records, or wait for the next ones`,
        }
      const [seen, known] = [formsByTopic(above), formsByTopic(below)]
      const strange = above.filter(({ range, form }) => {
        const forms = known.get(range.topic)?.forms
        return form.form !== 'tombstone' && forms !== undefined && forms.size > 0 && !forms.has(form.form)
      })
      const isIn = (forms: typeof seen, topic: string) => (forms.get(topic)?.forms.size ?? 0) > 0
      const alone = topics.filter((topic) => isIn(seen, topic) && !isIn(known, topic))
      const compared = topics.some((topic) => isIn(seen, topic) && isIn(known, topic))
      const written = new Set(counted.flatMap((one) => (one.records > 0 ? [one.range.topic] : [])))
      const unseen = topics.filter((topic) => written.has(topic) && !seen.has(topic))
      const newIds = [
        ...new Set(
          above.flatMap(({ range, form }) =>
            form.form === 'schema' && !known.get(range.topic)?.ids.has(form.id) ? [form.id] : [],
          ),
        ),
      ]
      const shown = above
        .sort((a, b) => b.record.timestamp - a.record.timestamp)
        .slice(0, shownRecords)
        .map((one) => say(one, show))
      const evidence = {
        side,
        total,
        looked: above.length,
        shown,
        newIds,
        alone: alone.slice(0, 10),
        unseen: unseen.slice(0, 10),
        strange: strange.slice(0, 10).map(where),
      }
      if (strange.length > 0)
        return {
          verdict: 'failed',
          reason: 'undecodable',
          evidence,
          text: `${count(strange.length, 'record')} above the waterline are not written as those below it: ${few(
            strange.map(
              (one) =>
                `${where(one)} is ${one.form.form}, below it is ${few([...(known.get(one.range.topic)?.forms ?? [])])}`,
            ),
            2,
          )}. Do not let the Dam read them: stop their producer and look at its serializer`,
        }
      const forms = few([...new Set(above.map(({ form }) => form.form))])
      const ids = newIds.length > 0 ? ` Schema ids not seen below it: ${few(newIds.map(String))}.` : ''
      const gaps = [
        ...(alone.length > 0 ? [` Nothing lies below it to compare with on ${few(alone)}.`] : []),
        ...(unseen.length > 0 ? [` None of the newest could be looked at on ${few(unseen)}.`] : []),
      ].join('')
      return {
        verdict: 'passed',
        evidence,
        text: `${count(total, 'record')} above the waterline on ${few(topics)}; of the newest, ${above.length} were looked at: ${forms}${compared ? ', as below it' : ''}.${gaps}${ids} ${shown.join('; ')}`,
      }
    }),
})

/** What the Dam reads; where nothing is of its tier, what downstream does. */
function heldByDam({ apps }: Migration): string[] {
  const of = (tier: string) => [...new Set(apps.filter((app) => app.tier === tier).flatMap((app) => app.consumes))]
  const dam = of('dam')
  return dam.length > 0 ? dam : of('downstream')
}

interface Seen {
  readonly range: Range
  readonly record: LogRecord
  readonly form: Form
}

async function read(kafka: Scans, ranges: readonly Range[]): Promise<Seen[]> {
  const collected = new Map(ranges.map((range) => [range, createCommitted(range)]))
  await kafka.scan(
    ranges.filter(({ from, to }) => from < to),
    (range, batch) => collected.get(range)?.add(batch),
  )
  return [...collected].flatMap(([range, of]) =>
    of.read().map((record) => ({ range, record, form: formOf(record.value) })),
  )
}

/** How the records of each topic are written, those without a value apart, and by which schemas. */
function formsByTopic(seen: readonly Seen[]) {
  const found = new Map<string, { forms: Set<string>; ids: Set<number> }>()
  for (const { range, form } of seen) {
    const of = found.get(range.topic) ?? { forms: new Set(), ids: new Set() }
    found.set(range.topic, of)
    if (form.form !== 'tombstone') of.forms.add(form.form)
    if (form.form === 'schema') of.ids.add(form.id)
  }
  return found
}

const where = ({ range, record }: Seen) => `${partitionName(range)}@${record.offset}`

function say(seen: Seen, show: 'shape' | 'values'): string {
  const { value, timestamp } = seen.record
  const text = show === 'values' && value ? textOf(value) : undefined
  return `${where(seen)} of ${at(timestamp)}: ${redact(text ?? shapeOf(value))}`
}
