import { z } from 'zod'
import type { Range } from '../connect/kafka/types.js'
import { type Orphans, orphansFact, readFact } from '../proof/facts.js'
import { higher, offsetOf, partitionName } from '../proof/offsets.js'
import { orphanTest } from '../proof/ranges.js'
import { gate } from './gate.js'
import type { Ends, OnKafka, Scans, Starts, TopicConfigs } from './reading/clients.js'
import { count, few } from './reading/say.js'
import { stateOf } from './reading/state.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})
/** Reading on behind the orphans for newer values of their keys: so many offsets of a partition at once, and of all of them together. */
const stepOffsets = 20_000n
const togetherOffsets = 200_000n

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
      const partitions = [...fromFirstOrphan(orphans, new Set(state)).values()].map((range): Range => {
        const from = higher(range.from, offsetOf(starts, range) ?? 0n)
        return { ...range, from, to: offsetOf(ends, range) ?? 0n }
      })
      const found = await staleKeys(kafka.target, partitions, orphanTest(orphans))
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

/** Of every partition of these topics on which an orphan lies: the lowest of them. */
function fromFirstOrphan({ ranges }: Orphans, topics: ReadonlySet<string>) {
  const found = new Map<string, Omit<Range, 'to'>>()
  for (const { topic, partition, from, records } of ranges) {
    if (records === 0 || !topics.has(topic)) continue
    const name = partitionName({ topic, partition })
    const known = found.get(name)
    if (!known || BigInt(from) < known.from) found.set(name, { topic, partition, from: BigInt(from) })
  }
  return found
}

/** Keys of each range whose newest record in it is an orphan. */
async function staleKeys(kafka: Scans, ranges: readonly Range[], isOrphan: ReturnType<typeof orphanTest>) {
  const found = ranges.map(({ topic, partition }) => ({ topic, partition, keys: new Set<string>() }))
  for (const steps of inSteps(ranges)) {
    const keysOf = new Map(steps.map(({ step, of }) => [step, found[of]!.keys]))
    await kafka.scan([...keysOf.keys()], (step, batch) => {
      if (batch.control) return
      const keys = keysOf.get(step)!
      for (const { key, offset } of batch.records()) {
        if (offset < step.from || offset >= step.to || key === null) continue
        if (isOrphan(step, offset)) keys.add(key.toString('base64'))
        else keys.delete(key.toString('base64'))
      }
    })
  }
  return found
}

/** Steps that are read together: of many ranges one each, and in order. */
function* inSteps(ranges: readonly Range[]): Generator<readonly { step: Range; of: number }[]> {
  let left = ranges.map((range, of) => ({ ...range, of })).filter(({ from, to }) => from < to)
  while (left.length > 0) {
    let steps: { step: Range; of: number }[] = []
    let offsets = 0n
    for (const { topic, partition, from, to: end, of } of left) {
      const to = from + stepOffsets < end ? from + stepOffsets : end
      steps.push({ step: { topic, partition, from, to }, of })
      offsets += to - from
      if (offsets < togetherOffsets) continue
      yield steps
      steps = []
      offsets = 0n
    }
    if (steps.length > 0) yield steps
    left = left.map((one) => ({ ...one, from: one.from + stepOffsets })).filter(({ from, to }) => from < to)
  }
}
