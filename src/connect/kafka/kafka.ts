import { type Acls, createAclsApi } from './acls.js'
import { createConnections } from './connections.js'
import { answered } from './errors.js'
import { createGroups, type Groups } from './groups.js'
import { createMetadata } from './metadata.js'
import { createListOffsets } from './offsets.js'
import { describeConfigs } from './requests/configs.js'
import { createScan, type Scan } from './scan.js'
import { createScratch, type Scratch } from './scratch.js'
import { createSizes, type Sizes } from './sizes.js'
import { createSpoken, type Speaks } from './spoken.js'
import { createTopicsApi, type Topics } from './topics.js'
import type { ClusterState, KafkaConfig, Offsets, TopicConfigs } from './types.js'
import { createUsers, type Users } from './users.js'
import { createWrites, type Writes } from './write.js'

/** One cluster, Kafka 2.4 and later. Every call ends: with an answer, or with a KafkaError that says who did not. */
export interface Kafka extends Acls, Groups, Scratch, Sizes, Speaks, Topics, Users, Writes {
  /** Leaders, replicas and in-sync replicas as of now; of all topics when none are named. */
  state(topics?: readonly string[]): Promise<ClusterState>
  /**
   * Log end offsets of every partition of the topics: of the leaders' logs, so what is acknowledged counts even while a slow follower keeps
   * it from every reader; a scan up to there waits for it, and says when it does not come.
   */
  endOffsets(topics: readonly string[]): Promise<Offsets>
  /** Log start offsets. */
  startOffsets(topics: readonly string[]): Promise<Offsets>
  /** The first record of that time (epoch ms) or later; -1 where every record is older. */
  offsetsAt(topics: readonly string[], epochMs: number): Promise<Offsets>
  /** Last stable offsets: below them no transaction is open. */
  stableOffsets(topics: readonly string[]): Promise<Offsets>
  readonly scan: Scan
  /** The named configs of topics, defaults included. */
  topicConfigs(topics: readonly string[], keys: readonly string[]): Promise<TopicConfigs>
  close(): Promise<void>
}

export function createKafka(config: KafkaConfig, now: () => number = Date.now): Kafka {
  const withinMs = config.callWithinMs ?? 10_000
  const connections = createConnections(config)
  const metadata = createMetadata(connections, config.bootstrap, now)
  const list = createListOffsets(connections, metadata, withinMs, now)
  const scan = createScan(connections, metadata, config.scanWithinMs ?? 15_000, now)
  const endOffsets = (topics: readonly string[]) => list(topics, -1n, 'log')

  const speaks = createSpoken(connections, metadata)
  const topicsApi = createTopicsApi(connections, metadata, withinMs, now)

  return {
    state: (topics) => (topics ? metadata.of(topics, 0) : metadata.all()),
    endOffsets,
    startOffsets: (topics) => list(topics, -2n, 'visible'),
    offsetsAt: (topics, epochMs) => list(topics, BigInt(epochMs), 'visible'),
    stableOffsets: (topics) => list(topics, -1n, 'stable'),
    scan,
    ...createSizes(connections, metadata),
    ...createGroups(connections, metadata, withinMs, now),
    ...createWrites(connections, metadata, endOffsets, scan, withinMs, now),
    ...topicsApi,
    ...createScratch(connections, metadata, topicsApi, withinMs, now),
    ...speaks,
    ...createUsers(connections, metadata, speaks),
    ...createAclsApi(connections, metadata),
    async topicConfigs(topics, keys) {
      const answers = await metadata.anyone(describeConfigs('topic', topics, keys))
      return new Map(
        answers.map(({ error, name, entries }) => {
          if (error) throw answered(error, `The configs of topic ${name}`)
          return [name, new Map(entries.flatMap(({ key, value }) => (value === null ? [] : [[key, value]])))]
        }),
      )
    },
    close: () => connections.close(),
  }
}
