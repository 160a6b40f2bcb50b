import type { Migration } from '../../config/migration.js'
import type { TopicConfigs } from './clients.js'
import { few } from './say.js'

const streamsState = /-(changelog|repartition)$/

export interface StateFound {
  readonly compacted: readonly string[]
  readonly streams: readonly string[]
  /** Apps that read everything from the start: what they hold is made of all that there ever was. */
  readonly groupless: readonly string[]
}

/** Topics whose records count for more than being processed once. */
export async function stateOf(kafka: TopicConfigs, { topics, apps }: Migration): Promise<StateFound> {
  const configs = await kafka.topicConfigs(topics, ['cleanup.policy'])
  const compacted = topics.filter((topic) => configs.get(topic)?.get('cleanup.policy')?.includes('compact'))
  return {
    compacted,
    streams: topics.filter((topic) => streamsState.test(topic) && !compacted.includes(topic)),
    groupless: apps.filter((app) => app.offsets === 'none').map(({ name }) => name),
  }
}

export function sayState({ compacted, streams, groupless }: StateFound): string {
  return [
    ...(compacted.length > 0 ? [`compacted: ${few(compacted)}`] : []),
    ...(streams.length > 0 ? [`internal topics of Kafka Streams: ${few(streams)}`] : []),
    ...(groupless.length > 0 ? [`read without a group by ${few(groupless)}`] : []),
  ].join('; ')
}
