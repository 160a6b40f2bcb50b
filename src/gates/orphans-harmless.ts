import { z } from 'zod'
import type { Range } from '../connect/kafka/types.js'
import { type Orphans, orphansFact, readFact } from '../proof/facts.js'
import { higher, offsetOf } from '../proof/offsets.js'
import { orphanTest } from '../proof/ranges.js'
import { gate } from './gate.js'
import type { Ends, OnKafka, Scans, Starts, TopicConfigs } from './reading/clients.js'
import { count, few } from './reading/say.js'
import { stateOf } from './reading/state.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})
/** Reading on behind the orphans for newer values of their keys: so many offsets at once. */
const stepOffsets = 20_000n

export const orphansHarmless = gate<OnKafka<Ends & Starts & Scans & TopicConfigs>, z.infer<typeof args>>({
  name: 'orphans-harmless',
  proves:
    'no record that the source never saw is the newest value of its key on a compacted topic of the target, so that readers of state there find what the source has',
  args,
  measure: ({ kafka }, _, look) =>
    unlessUnreadable(async () => {
      const orphans = readFact(orphansFact, await look.fact('orphans'))
      if (!orphans || orphans.ranges.length === 0)
        return { verdict: 'passed', text: 'No record is known that exists on the target alone' }
      const { compacted, streams } = await stateOf(kafka.source, look.migration)
      const state = [...compacted, ...streams]
      const [starts, ends] = await Promise.all([kafka.target.startOffsets(state), kafka.target.endOffsets(state)])
      const partitions = [
        ...new Map(ofState(orphans, state).map((one) => [`${one.topic}/${one.partition}`, one])).values(),
      ]
      const found = await Promise.all(
        partitions.map(async ({ topic, partition }) => {
          const ranges = ofState(orphans, [topic])
            .filter((one) => one.partition === partition)
            .map((one) => ({ topic, partition, from: BigInt(one.from), to: BigInt(one.to) }))
          const [first] = ranges.map(({ from }) => from).sort((a, b) => Number(a - b))
          const start = offsetOf(starts, { topic, partition }) ?? 0n
          const to = offsetOf(ends, { topic, partition }) ?? 0n
          const whole = { topic, partition, from: higher(first ?? start, start), to }
          return { topic, partition, keys: await staleKeys(kafka.target, whole, orphans) }
        }),
      )
      const stale = found.filter(({ keys }) => keys.size > 0)
      if (stale.length > 0)
        return {
          verdict: 'failed',
          reason: 'newest',
          evidence: {
            stale: stale.slice(0, 10).map(({ topic, partition, keys }) => ({ topic, partition, keys: keys.size })),
          },
          text: `The newest value of ${count(
            stale.reduce((sum, { keys }) => sum + keys.size, 0),
            'key',
          )} on the target never was on the source: ${few(stale.map(({ topic, partition, keys }) => `${topic}-${partition} ${keys.size}`))}. Let the mirror bring newer ones, or delete the topic on the target and mirror it again`,
        }
      return {
        verdict: 'passed',
        evidence: { partitions: partitions.length },
        text:
          partitions.length === 0
            ? 'No record that exists on the target alone lies on a compacted topic'
            : `On ${count(partitions.length, 'partition')} of compacted topics every key of an orphan has a newer value from the source`,
      }
    }),
})

const ofState = ({ ranges }: Orphans, topics: readonly string[]) =>
  ranges.filter((one) => one.records > 0 && topics.includes(one.topic))

/** Keys whose newest record in the range is an orphan. */
async function staleKeys(kafka: Scans, { topic, partition, from, to }: Range, orphans: Orphans): Promise<Set<string>> {
  const isOrphan = orphanTest(orphans)
  const stale = new Set<string>()
  for (let at = from; at < to; at += stepOffsets) {
    const step = { topic, partition, from: at, to: at + stepOffsets < to ? at + stepOffsets : to }
    await kafka.scan([step], (_, batch) => {
      if (batch.control) return
      for (const { key, offset } of batch.records()) {
        if (offset < step.from || offset >= step.to || key === null) continue
        if (isOrphan(step, offset)) stale.add(key.toString('base64'))
        else stale.delete(key.toString('base64'))
      }
    })
  }
  return stale
}
