import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startConnect } from '../../lab/kafka/connect.js'
import { createConnector } from '../../lab/kafka/connectors.js'
import { createPrepared } from '../../lab/kafka/prepared.js'
import type { Progress } from '../../lab/types.js'
import type { Acl } from '../../src/connect/kafka/types.js'
import { createKafkaConnect } from '../../src/connect/kafka-connect/kafka-connect.js'
import type { BenchCluster } from './estate.js'
import { readersOf, type Size, topicsOf, writersOf } from './size.js'

export const mirrorName = 'mirror-source'

/** Every app may read what it reads and write what it writes, and nothing more. */
export function aclsOf(size: Size): readonly Acl[] {
  const allow = (user: string, operation: Acl['operation'], resource: Acl['resource'], name: string): Acl => ({
    resource,
    name,
    pattern: 'literal',
    principal: `User:${user}`,
    host: '*',
    operation,
    permission: 'allow',
  })
  return [
    ...writersOf(size).flatMap(({ user, produces }) => produces.map((topic) => allow(user, 'write', 'topic', topic))),
    ...readersOf(size).flatMap(({ user, group, consumes }) => [
      allow(user, 'read', 'group', group),
      ...consumes.map((topic) => allow(user, 'read', 'topic', topic)),
    ]),
  ]
}

/**
 * A real Kafka Connect with a MirrorSourceConnector that is stopped and stands behind so many records of every partition, as it says by
 * REST. It has copied nothing: the bench writes the same bytes to both sides, which takes seconds instead of minutes.
 */
export async function stoppedMirror(
  folder: string,
  source: BenchCluster,
  target: BenchCluster,
  size: Size,
  progress: Progress,
) {
  await mkdir(join(folder, 'kafka'), { recursive: true })
  const jars = await createPrepared(progress)('3.9')
  const worker = await startConnect({ folder, side: 'target', bootstrap: target.bootstrap, jars }, progress)
  const bytes = 'org.apache.kafka.connect.converters.ByteArrayConverter'
  await createConnector(worker.url, {
    name: mirrorName,
    state: 'STOPPED',
    config: {
      'connector.class': 'org.apache.kafka.connect.mirror.MirrorSourceConnector',
      'source.cluster.alias': 'source',
      'target.cluster.alias': 'target',
      'source.cluster.bootstrap.servers': source.bootstrap.join(','),
      'target.cluster.bootstrap.servers': target.bootstrap.join(','),
      'replication.policy.class': 'org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
      'key.converter': bytes,
      'value.converter': bytes,
      'header.converter': bytes,
      topics: 'topic-.*',
      'sync.topic.acls.enabled': 'false',
      'source.consumer.isolation.level': 'read_committed',
    },
  })
  return {
    url: worker.url,
    /** As if all below this offset had been brought. */
    standsAt: (offset: bigint) =>
      createKafkaConnect(worker.url, 60_000).setOffsets(
        mirrorName,
        topicsOf(size).flatMap((topic) =>
          Array.from({ length: size.partitions }, (_, partition) => ({
            partition: { cluster: 'source', topic, partition },
            offset: { offset: Number(offset) - 1 },
          })),
        ),
        async () => {},
      ),
    stop: () => worker.kill(),
  }
}
