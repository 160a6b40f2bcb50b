import type { Kafka } from '../../src/connect/kafka/kafka.js'
import { sample } from '../../src/monitor/sample.js'
import type { LagPoint } from '../../src/monitor/samples.js'
import type { ReadingGroup } from '../../src/proof/consumption.js'

/** One look of the bot's own sampler at all groups; the sum of their lag, so that whoever measures can see that it is right. */
export async function lagSnapshot(kafka: Kafka, groups: readonly ReadingGroup[]): Promise<number> {
  const points: LagPoint[] = []
  await sample(kafka, { push: async (_side, _group, _topic, point) => void points.push(point) }, 'source', groups, 0)
  let lag = 0n
  for (const { partitions } of points)
    for (const { end, committed } of partitions) lag += committed === null ? 0n : end - committed
  return Number(lag)
}
