import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { aclsCreate } from '../../src/actions/acls-create.js'
import { topicsAlign } from '../../src/actions/topics-align.js'
import { topicsCreate } from '../../src/actions/topics-create.js'
import { writesFence } from '../../src/actions/writes-fence.js'
import { writesOpen } from '../../src/actions/writes-open.js'
import type { Side } from '../../src/config/migration.js'
import type { Kafka } from '../../src/connect/kafka/kafka.js'
import type { Acl } from '../../src/connect/kafka/types.js'
import { readConnectorOffsets, writeConnectorOffsets } from '../../src/connect/kafka-connect/offsets-topic.js'
import { aclsParity } from '../../src/gates/acls-parity.js'
import { fenced } from '../../src/gates/fenced.js'
import { replicasFull } from '../../src/gates/replicas-full.js'
import { rights } from '../../src/gates/rights.js'
import { topicsParity } from '../../src/gates/topics-parity.js'
import { testCluster } from '../connect/kafka/cluster.js'
import { createDoing } from './doing.js'
import { guardedCluster, mirrorThatIs } from './guarded.js'
import { createLooks, migrationOf } from './look.js'

const topic = 'orders'
const books = 'connect-offsets'
const group = 'billing'
const may = (resource: Acl['resource'], name: string, ...operations: Acl['operation'][]): Acl[] =>
  operations.map((operation) => ({
    resource,
    name,
    pattern: 'literal',
    principal: 'User:floodgate',
    host: '*',
    operation,
    permission: 'allow',
  }))

/** Where the workers of a valve older than 3.6 keep its offsets. */
const ofBooks: readonly Acl[] = [
  ...may('topic', books, 'read', 'describe', 'write'),
  ...may('transactional-id', 'floodgate-offsets-', 'describe', 'write').map(
    (acl) => ({ ...acl, pattern: 'prefixed' }) as const,
  ),
]

/** To the letter what deploy/migration.yaml says, without copying back and the load run. */
const documented: Readonly<Record<Side, readonly Acl[]>> = {
  source: [
    ...may('cluster', 'kafka-cluster', 'describe', 'describe-configs', 'alter'),
    ...may('topic', topic, 'read', 'describe', 'describe-configs'),
    ...may('group', group, 'read', 'describe'),
    ...ofBooks,
  ],
  target: [
    ...may('cluster', 'kafka-cluster', 'describe', 'describe-configs', 'alter'),
    ...may('topic', topic, 'read', 'describe', 'describe-configs', 'create', 'alter', 'alter-configs'),
    ...may('group', group, 'read', 'describe'),
    ...ofBooks,
  ],
}

/** To read is to describe: who takes the one away must take the other away too. */
const implying: Readonly<Partial<Record<Acl['operation'], readonly Acl['operation'][]>>> = {
  describe: ['read', 'write', 'alter'],
  'describe-configs': ['alter-configs'],
}

describe("the bot's own rights", () => {
  let clusters: Record<Side, Awaited<ReturnType<typeof guardedCluster>>>
  let kafka: Record<Side, Kafka>
  const at = { url: 'http://connect', connector: 'intake', offsets: books }
  const migration = {
    ...migrationOf([topic], [{ name: 'checkout', tier: 'upstream', produces: [topic], user: 'shop' }]),
    users: { stay: ['floodgate'] },
    valve: { kind: 'connect' as const, source: at, target: at, topics: ['intake'], rewindable: true },
  }
  const deps = () => ({
    kafka,
    kafkaUsers: async () => undefined,
    connect: () => ({ ...mirrorThatIs('STOPPED'), version: async () => '2.8.2' }),
  })

  beforeAll(async () => {
    const [source, target] = await Promise.all([guardedCluster('2.8'), guardedCluster('4')])
    clusters = { source, target }
    kafka = { source: source.as('floodgate'), target: target.as('floodgate') }
    await source.kafka.createTopic({ topic, partitions: 2, replicas: 1, configs: { 'retention.ms': '1234567' } })
    await source.kafka.addAcls([{ ...may('topic', topic, 'write')[0]!, principal: 'User:shop' }])
    for (const side of ['source', 'target'] as const) {
      await clusters[side].kafka.createTopic({ topic: books, partitions: 2, replicas: 1, configs: {} })
      await clusters[side].kafka.addAcls(documented[side])
      await clusters[side].until(async () => (await kafka[side].acls())!.length >= documented[side].length)
    }
    await source.until(() => source.writes('shop', topic))
  }, 240_000)
  afterAll(async () => {
    await Promise.all([clusters?.source.stop(), clusters?.target.stop()])
  }, 60_000)

  it('suffice as they are documented: to make and align topics and rights, read records and offsets, place groups, fence and open', async () => {
    const [doing, look] = [createDoing(deps(), migration), createLooks(deps(), migration)]
    await doing.act(topicsCreate)
    await clusters.target.until(async () => (await look(rights)).verdict === 'passed')
    await doing.act(topicsAlign)
    await doing.act(aclsCreate)
    await clusters.target.until(async () => (await look(topicsParity, { larger: 'allowed' })).verdict === 'passed')
    for (const gate of [replicasFull, aclsParity])
      await clusters.target.until(async () => (await look(gate)).verdict === 'passed')
    for (const side of ['source', 'target'] as const) {
      const ends = await kafka[side].endOffsets([topic])
      await Promise.all([
        kafka[side].startOffsets([topic]),
        kafka[side].stableOffsets([topic]),
        kafka[side].sizes([topic]),
        kafka[side].configEntries([topic]),
        kafka[side].brokerEntries(),
        kafka[side].listed(),
        kafka[side].describe([group]),
      ])
      await kafka[side].scan([{ topic, partition: 0, from: 0n, to: ends.get(topic)!.get(0)! }], () => undefined)
      const offsets = [{ partition: { file: 'a' }, offset: { position: 1 } }]
      const worker = { stillMine: async () => {}, now: Date.now }
      await writeConnectorOffsets(kafka[side], books, 'intake', offsets, worker)
      expect(await readConnectorOffsets(kafka[side], books, 'intake')).toEqual(offsets)
      await kafka[side].commit(group, ends)
      expect((await kafka[side].committed([group])).get(group)).toEqual(ends)
    }
    await doing.act(writesFence, { side: 'source' })
    expect(await look(fenced, { side: 'source' })).toMatchObject({ verdict: 'passed' })
    expect(await clusters.source.writes('shop', topic)).toBe(false)
    await createDoing(deps(), migration).act(writesOpen, { side: 'source' })
    await clusters.source.until(() => clusters.source.writes('shop', topic))
  }, 120_000)

  it('are missed by name, each one of them, and never taken for there', async () => {
    const look = createLooks(deps(), migration)
    for (const side of ['source', 'target'] as const)
      for (const acl of documented[side]) {
        // Groups show when they are read, transactional ids when they are taken over, and a topic that is there needs no right to make it.
        if (acl.resource === 'group' || acl.resource === 'transactional-id' || acl.operation === 'create') continue
        const taken = documented[side].filter(
          (one) =>
            one === acl ||
            (one.resource === acl.resource &&
              one.name === acl.name &&
              implying[acl.operation]?.includes(one.operation)),
        )
        await clusters[side].kafka.removeAcls(taken)
        const missing = `${acl.operation.replaceAll('-', '_').toUpperCase()}`
        const on = acl.resource === 'cluster' ? 'the cluster' : `topic ${acl.name}`
        await clusters[side].until(async () => {
          const found = await look(rights)
          return (
            found.verdict === 'failed' && new RegExp(`${missing}[A-Z_, ]* of ${on} on the ${side}`).test(found.text)
          )
        })
        await clusters[side].kafka.addAcls(taken)
        await clusters[side].until(async () => (await look(rights)).verdict === 'passed')
      }
  }, 120_000)

  it('on a group are named by what reads it', async () => {
    const [read, describe] = may('group', group, 'read', 'describe')
    await clusters.target.kafka.removeAcls([read!, describe!])
    await clusters.target.until(async () =>
      kafka.target.committed([group]).then(
        () => false,
        (error: Error) => /group billing.*missing right on the group/.test(error.message),
      ),
    )
  })
})

describe('where there is no authorizer', () => {
  it('everybody may everything: no right is missed, nothing is fenced, and the gate says what is the proof instead', async () => {
    const [source, target] = await Promise.all([testCluster('2.4'), testCluster('4')])
    try {
      await Promise.all([source.createTopic(topic), target.createTopic(topic)])
      const migration = migrationOf([topic], [{ name: 'checkout', tier: 'upstream', produces: [topic], user: 'shop' }])
      const deps = {
        kafka: { source: source.kafka, target: target.kafka },
        kafkaUsers: async () => undefined,
        connect: () => ({ ...mirrorThatIs('STOPPED'), version: async () => '2.8.2' }),
      }
      const [doing, look] = [createDoing(deps, migration), createLooks(deps, migration)]
      for (const gate of [rights, aclsParity]) expect(await look(gate)).toMatchObject({ verdict: 'passed' })
      expect(await look(fenced, { side: 'source' })).toMatchObject({
        verdict: 'passed',
        text: 'The source has no authorizer, so there is no fence; no-writes and one-side-writes are the proof',
      })
      expect(await doing.plan(writesFence, { side: 'source', tier: 'upstream' })).toEqual([])
      expect(await doing.plan(writesOpen, { side: 'source' })).toEqual([])
      expect(await doing.plan(aclsCreate)).toEqual([])
    } finally {
      await Promise.all([source.stop(), target.stop()])
    }
  }, 120_000)
})
