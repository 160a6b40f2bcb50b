import { z } from 'zod'
import type { Range } from '../connect/kafka/types.js'
import type { SchemaRegistry } from '../connect/schema-registry/schema-registry.js'
import { eachPartition, offsetOf } from '../proof/offsets.js'
import { schemaId } from '../proof/schema-ids.js'
import { gate } from './gate.js'
import type { Ends, OnKafka, Scans, Starts } from './reading/clients.js'
import { differencesJson } from './reading/differences.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

interface Deps extends OnKafka<Ends & Starts & Scans> {
  schemaRegistry(url: string): SchemaRegistry
}

const args = z.strictObject({
  /** Whether the target's registry may take new schemas: before its producers run, ids that it gives collide with the source's. */
  target: z.enum(['read-only', 'any']).default('any'),
})

/** Enough to meet what a topic is written with now; the rest of its history is not looked at. */
const recordsEach = 20n
const mostTopics = 200
/** Frames that begin alike by chance are not asked for without end. */
const mostIds = 500

export const registry = gate<Deps, z.infer<typeof args>>({
  name: 'registry',
  proves:
    'the schema ids in the newest records of every topic mean the same in both registries, so that mirrored records can be decoded',
  args,
  measure: (deps, { target: wanted }, look) =>
    unlessUnreadable(async () => {
      const { registry: declared, topics } = look.migration
      if (!declared) return { verdict: 'passed', text: 'This migration declares no schema registry' }
      const [here, there] = [deps.schemaRegistry(declared.source), deps.schemaRegistry(declared.target)]
      const { ids: found, topicsLeft } = await sampledIds(deps.kafka.source, topics)
      const compared = await Promise.all(
        [...found].slice(0, mostIds).map(async ([id, topic]) => {
          const [source, target] = await Promise.all([here.schema(id), there.schema(id)])
          return { id, topic, source, target }
        }),
      )
      // What the source's registry does not know is no schema id: the record only begins like one.
      const known = compared.filter((one) => one.source !== undefined)
      const wrong = known.filter((one) => one.target !== one.source)
      const mode = await there.mode()
      const left = [
        ...(topicsLeft > 0 ? [count(topicsLeft, 'topic')] : []),
        ...(found.size > mostIds ? [count(found.size - mostIds, 'further id')] : []),
      ]
      const leftOut = left.length > 0 ? `; ${left.join(' and ')} were not looked at` : ''
      const open = wanted === 'read-only' && mode !== undefined && mode !== 'READONLY'
      const evidence = {
        ...differencesJson(
          wrong.map(({ id, topic, target }) => ({
            what: `schema ${id} (in ${topic})`,
            source: 'known',
            target: target === undefined ? 'absent' : 'another schema',
            stays: 'copy the schemas with their ids, in mode IMPORT',
          })),
        ),
        ids: known.length,
        mode: mode ?? null,
      }
      if (wrong.length > 0)
        return {
          verdict: 'failed',
          reason: 'ids',
          evidence,
          text: `${count(wrong.length, 'schema id')} of ${known.length} sampled mean something else, or nothing, in the target's registry: ${few(wrong.map(({ id, topic }) => `${id} in ${topic}`))}. Copy the schemas with their ids before anybody reads there`,
        }
      if (open)
        return {
          verdict: 'failed',
          reason: 'writable',
          evidence,
          text: `The target's registry is in mode ${mode}: an id that it gives now may be another schema's on the source. Set it to READONLY until the producers start there`,
        }
      if (wanted === 'read-only' && mode === undefined)
        return {
          verdict: 'inconclusive',
          reason: 'no-mode',
          evidence,
          text: "The target's registry does not say its mode, so whether it gives ids of its own is not known. Check its address, and that no producer may register schemas there",
        }
      if (known.length === 0 && found.size > 0)
        return {
          verdict: 'inconclusive',
          reason: 'unknown-ids',
          evidence,
          text: `The source's registry knows none of the ${count(compared.length, 'id')} that newest records begin with: ${few(compared.map(({ id, topic }) => `${id} in ${topic}`))}${leftOut}. Check registry.source in migration.yaml`,
        }
      return {
        verdict: 'passed',
        evidence,
        text:
          known.length > 0
            ? `All ${count(known.length, 'sampled schema id')} mean the same on both sides${leftOut}`
            : `No newest record begins with a schema id${leftOut}`,
      }
    }),
})

/** Ids in keys and values of the newest records, each with a topic in which it was met. */
async function sampledIds(
  source: Ends & Starts & Scans,
  topics: readonly string[],
): Promise<{ readonly ids: ReadonlyMap<number, string>; readonly topicsLeft: number }> {
  const [starts, ends] = await Promise.all([source.startOffsets(topics), source.endOffsets(topics)])
  const fullest = new Map<string, Range>()
  for (const { topic, partition, offset: to } of eachPartition(ends)) {
    const start = offsetOf(starts, { topic, partition }) ?? 0n
    const from = to - recordsEach > start ? to - recordsEach : start
    const known = fullest.get(topic)
    if (from < to && (!known || to - from > known.to - known.from)) fullest.set(topic, { topic, partition, from, to })
  }
  const ids = new Map<number, string>()
  await source.scan([...fullest.values()].slice(0, mostTopics), ({ topic }, batch) => {
    if (batch.control) return
    for (const { key, value } of batch.records())
      for (const id of [schemaId(key), schemaId(value)]) if (id !== undefined && !ids.has(id)) ids.set(id, topic)
  })
  return { ids, topicsLeft: Math.max(0, fullest.size - mostTopics) }
}
