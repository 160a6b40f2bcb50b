import type { LabDescription } from '../types.js'
import { type Connector, createConnector } from './connectors.js'

/** What MirrorMaker 2's three connectors are called on the target's worker. */
export const mirrorNames: LabDescription['mirror'] = {
  source: 'mirror-source',
  checkpoint: 'mirror-checkpoint',
  heartbeat: 'mirror-heartbeat',
}

/** Starts MirrorMaker 2 from the source to the target, under the same topic names. */
export async function startMirror(
  worker: string,
  from: readonly string[],
  to: readonly string[],
  topics: readonly string[],
  identity: Readonly<Record<string, string>>,
): Promise<void> {
  await Promise.all(connectors(from, to, topics, identity).map((connector) => createConnector(worker, connector)))
}

function connectors(
  from: readonly string[],
  to: readonly string[],
  topics: readonly string[],
  identity: Readonly<Record<string, string>>,
): Connector[] {
  const bytes = 'org.apache.kafka.connect.converters.ByteArrayConverter'
  const replicas = String(to.length)
  const shared = {
    'source.cluster.alias': 'source',
    'target.cluster.alias': 'target',
    'source.cluster.bootstrap.servers': from.join(','),
    'target.cluster.bootstrap.servers': to.join(','),
    'key.converter': bytes,
    'value.converter': bytes,
    'header.converter': bytes,
    'replication.factor': replicas,
    'checkpoints.topic.replication.factor': replicas,
    'heartbeats.topic.replication.factor': replicas,
    'offset-syncs.topic.replication.factor': String(from.length),
    ...identity,
  }
  const named = (name: string, kind: string, config: Record<string, string>): Connector => ({
    name,
    state: 'RUNNING',
    config: { ...shared, 'connector.class': `org.apache.kafka.connect.mirror.Mirror${kind}Connector`, ...config },
  })
  return [
    named(mirrorNames.source, 'Source', {
      topics: topics.join(','),
      'tasks.max': '2',
      'refresh.topics.interval.seconds': '1',
      'sync.topic.configs.interval.seconds': '5',
      'sync.topic.acls.enabled': 'false',
      // Else what a transaction took back would be mirrored as if it had been said.
      'source.consumer.isolation.level': 'read_committed',
    }),
    named(mirrorNames.checkpoint, 'Checkpoint', {
      groups: '.*',
      'refresh.groups.interval.seconds': '1',
      'emit.checkpoints.interval.seconds': '1',
      'sync.group.offsets.enabled': 'true',
      'sync.group.offsets.interval.seconds': '1',
    }),
    named(mirrorNames.heartbeat, 'Heartbeat', { 'emit.heartbeats.interval.seconds': '1' }),
  ]
}
