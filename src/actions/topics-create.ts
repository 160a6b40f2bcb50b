import { z } from 'zod'
import type { NewTopic } from '../connect/kafka/types.js'
import type { OnKafka } from '../gates/reading/clients.js'
import { type ShapeClient, shapes } from '../gates/reading/topics.js'
import { type TopicShape, wantedConfigs } from '../proof/parity.js'
import { action } from './action.js'

interface Deps extends OnKafka<ShapeClient> {
  readonly kafka: OnKafka<ShapeClient>['kafka'] & {
    readonly target: ShapeClient & { createTopic(topic: NewTopic): Promise<void> }
  }
}

const args = z.strictObject({})
const onSchema = z.object({ topic: z.string() })
const stateSchema = z.discriminatedUnion('exists', [
  z.object({ exists: z.literal(false) }),
  z.object({
    exists: z.literal(true),
    partitions: z.int().min(1),
    replicas: z.int().min(1),
    configs: z.record(z.string(), z.string()),
  }),
])

export const topicsCreate = action<Deps, z.infer<typeof args>>({
  name: 'topics-create',
  does: 'makes the mirrored topics that the target lacks, each as the source has it; nothing is ever deleted',
  args,
  async plan(deps, _, { migration: { topics } }) {
    const [source, target, cluster] = await Promise.all([
      shapes(deps, 'source', topics),
      shapes(deps, 'target', topics),
      deps.kafka.target.state(),
    ])
    const missing = topics.filter((topic) => source.has(topic) && !target.has(topic))
    const others = [...cluster.topics.keys()].filter((topic) => !target.has(topic)).slice(0, othersAsked)
    const known = missing.length > 0 ? await knownConfigs(deps, [...target.keys(), ...others]) : undefined
    return {
      effects: missing.map((topic) => createEffect(topic, source.get(topic)!, cluster.brokers.size, known)),
    }
  },
  async perform({ kafka }, effect, { stillMine }) {
    const { topic } = onSchema.parse(effect.on)
    const after = stateSchema.parse(effect.after)
    if (!after.exists) return { text: `${topic} stays: nothing on the target is ever deleted` }
    const { partitions, replicas, configs } = after
    if ((await kafka.target.configEntries([topic])).has(topic)) return { text: `${topic} was there already` }
    await stillMine()
    await kafka.target.createTopic({ topic, partitions, replicas, configs })
    return { text: `made ${topic} with ${partitions} partitions` }
  },
})

/** Each is a call of its own, since one that may not be asked takes the answer of all with it. */
const othersAsked = 10

/** The configs that the target speaks of, by any topic that it has and tells of; undefined: none of these tells. */
async function knownConfigs({ kafka }: Deps, topics: readonly string[]): Promise<ReadonlySet<string> | undefined> {
  for (const topic of topics) {
    const found = await kafka.target.configEntries([topic]).catch((error: unknown) => {
      // It may be seen and yet not asked: of the topics in which workers keep their offsets the bot has no need to.
      if ((error as { code?: unknown }).code === 'refused') return undefined
      throw error
    })
    const entries = found?.get(topic)
    if (entries) return new Set(entries.map(({ key }) => key))
  }
  return undefined
}

function createEffect(topic: string, source: TopicShape, brokers: number, known: ReadonlySet<string> | undefined) {
  const replicas = Math.min(source.replicas, brokers)
  const configs = [...wantedConfigs(source)].filter(
    ([key, value]) => (!known || known.has(key)) && !(key === 'min.insync.replicas' && Number(value) > replicas),
  )
  return {
    id: `topics-create target/${topic}`,
    action: 'topics-create',
    target: `target/topic/${topic}`,
    before: { exists: false },
    after: { exists: true, partitions: source.partitions, replicas, configs: Object.fromEntries(configs) },
    on: { topic },
    text: `make ${topic} with ${source.partitions} partitions and ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`,
  }
}
