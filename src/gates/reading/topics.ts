import type { Side } from '../../config/migration.js'
import { shapeOf, type TopicShape } from '../../proof/parity.js'
import type { ConfigEntries, OnKafka, Replicas } from './clients.js'

export type ShapeClient = Replicas & ConfigEntries

/** Each named topic as a side has it; one that is not there is left out. */
export async function shapes(
  { kafka }: OnKafka<ShapeClient>,
  side: Side,
  topics: readonly string[],
): Promise<ReadonlyMap<string, TopicShape>> {
  const entries = await kafka[side].configEntries(topics)
  const there = topics.filter((topic) => entries.has(topic))
  const { topics: states } = await kafka[side].state(there)
  return new Map(there.map((topic) => [topic, shapeOf(states.get(topic) ?? [], entries.get(topic) ?? [])]))
}
