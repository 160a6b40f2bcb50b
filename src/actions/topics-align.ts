import { z } from 'zod'
import type { OnKafka } from '../gates/reading/clients.js'
import { type ShapeClient, shapes } from '../gates/reading/topics.js'
import { compareTopic, shrinks, type TopicShape } from '../proof/parity.js'
import { action } from './action.js'

interface Deps extends OnKafka<ShapeClient> {
  readonly kafka: OnKafka<ShapeClient>['kafka'] & {
    readonly target: ShapeClient & {
      growTopic(topic: string, partitions: number): Promise<void>
      setTopicConfigs(topic: string, changes: Readonly<Record<string, string | null>>): Promise<void>
    }
  }
}

const args = z.strictObject({})
const onSchema = z.object({ topic: z.string() })
/** What the topic sets itself; null: it inherits. */
const stateSchema = z.object({
  partitions: z.int().min(1),
  configs: z.record(z.string(), z.string().nullable()),
})
type Shape = z.infer<typeof stateSchema>

export const topicsAlign = action<Deps, z.infer<typeof args>>({
  name: 'topics-align',
  does: 'gives the topics of the target the partitions and configs of the source; other overrides stay, and nothing is ever shrunk',
  args,
  async plan(deps, _, { migration: { topics } }) {
    const [source, target] = await Promise.all([shapes(deps, 'source', topics), shapes(deps, 'target', topics)])
    return {
      effects: topics.flatMap((topic) => {
        const [from, to] = [source.get(topic), target.get(topic)]
        const mendable = from && to ? compareTopic(topic, from, to).filter(({ stays }) => !stays) : []
        if (!from || !to || mendable.length === 0) return []
        const keys = mendable.flatMap(({ key }) => key ?? [])
        const grows = mendable.some(({ kind }) => kind === 'partitions')
        return [alignEffect(topic, keys, from, to, grows ? from.partitions : to.partitions)]
      }),
    }
  },
  async perform(deps, effect, { stillMine }) {
    const { topic } = onSchema.parse(effect.on)
    const after = stateSchema.parse(effect.after)
    const target = (await shapes(deps, 'target', [topic])).get(topic)
    if (!target) return { text: `${topic} is not on the target any more` }
    const done: string[] = []
    await stillMine()
    if (after.partitions > target.partitions) {
      await deps.kafka.target.growTopic(topic, after.partitions)
      done.push(`${after.partitions} partitions`)
    }
    if (after.partitions < target.partitions) done.push(`${target.partitions} partitions kept: none is ever taken away`)
    const changes = Object.entries(after.configs).filter(([key, value]) => isOpen(key, value, target))
    const kept = changes.filter(([key, value]) => isShrinking(key, value, target))
    const made = changes.filter((one) => !kept.includes(one))
    if (made.length > 0) await deps.kafka.target.setTopicConfigs(topic, Object.fromEntries(made))
    done.push(...made.map(([key, value]) => `${key} ${value ?? 'inherited again'}`))
    done.push(...kept.map(([key]) => `${key} kept, since nothing is ever shrunk`))
    return { text: done.length > 0 ? `${topic}: ${done.join(', ')}` : `${topic} was so already` }
  },
})

const isOpen = (key: string, value: string | null, target: TopicShape) =>
  value === null ? target.overrides.has(key) : target.configs.get(key) !== value

/** Undo takes an override away without saying what is inherited then, so a limit stays as it was raised. */
const isShrinking = (key: string, value: string | null, target: TopicShape) =>
  shrinks(key, target.configs.get(key) ?? '0', value ?? '0')

function alignEffect(topic: string, keys: readonly string[], source: TopicShape, target: TopicShape, grown: number) {
  const own = (key: string) => (target.overrides.has(key) ? (target.configs.get(key) ?? null) : null)
  const before: Shape = {
    partitions: target.partitions,
    configs: Object.fromEntries(keys.map((key) => [key, own(key)])),
  }
  const after: Shape = {
    partitions: grown,
    configs: Object.fromEntries(keys.map((key) => [key, source.configs.get(key) ?? null])),
  }
  const changes = [
    ...(grown > target.partitions ? [`partitions ${target.partitions} to ${grown}`] : []),
    ...keys.map((key) => `${key} ${target.configs.get(key)} to ${source.configs.get(key)}`),
  ]
  return {
    id: `topics-align target/${topic}`,
    action: 'topics-align',
    target: `target/topic/${topic}`,
    before,
    after,
    on: { topic },
    text: `set ${topic}: ${changes.join(', ')}`,
  }
}
