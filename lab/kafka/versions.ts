import type { KafkaVersion } from '../types.js'

/** What a lab needs to know of one line of Kafka: where it comes from, and how it keeps its metadata. */
export interface KafkaRelease {
  readonly version: string
  readonly metadata: 'zookeeper' | 'kraft'
  /** `group:artifact:version`, as Maven names them; the last is the logger, without which brokers say nothing. */
  readonly artefacts: readonly string[]
  /** Settings by which MirrorMaker 2 keeps the names of topics: a policy for it came with 3.0 (KAFKA-9726); before, nothing was put before them. */
  readonly identity: Readonly<Record<string, string>>
}

export const releases: Readonly<Record<KafkaVersion, KafkaRelease>> = {
  '2.4': release('2.4.1', 'zookeeper', ['kafka_2.12'], 'org.slf4j:slf4j-log4j12:1.7.36'),
  '2.8': release(
    '2.8.2',
    'zookeeper',
    ['kafka_2.13', 'connect-mirror', 'connect-file'],
    'org.slf4j:slf4j-log4j12:1.7.36',
  ),
  '3.9': release(
    '3.9.2',
    'kraft',
    ['kafka_2.13', 'kafka-tools', 'connect-mirror', 'connect-file'],
    'org.slf4j:slf4j-reload4j:1.7.36',
  ),
  '4': release('4.1.2', 'kraft', ['kafka_2.13', 'kafka-tools'], 'org.apache.logging.log4j:log4j-slf4j-impl:2.25.3'),
}

/** Connect and MirrorMaker 2 on every pair, if nothing else is asked for: its REST interface knows `stop` and offsets, and it speaks to 2.4 and 4.x. */
export const connectVersion: KafkaVersion = '3.9'

function release(
  version: string,
  metadata: KafkaRelease['metadata'],
  names: readonly string[],
  ...others: readonly string[]
): KafkaRelease {
  const identity: Record<string, string> =
    version < '3'
      ? { 'source.cluster.alias': '', 'replication.policy.separator': '' }
      : { 'replication.policy.class': 'org.apache.kafka.connect.mirror.IdentityReplicationPolicy' }
  return {
    version,
    metadata,
    identity,
    artefacts: [...names.map((name) => `org.apache.kafka:${name}:${version}`), ...others],
  }
}
