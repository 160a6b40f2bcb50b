import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createMonitor } from '../../src/monitor/monitor.js'
import type { LagPoint } from '../../src/monitor/samples.js'
import { migrationOf } from '../actions/estate.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'

const migration = migrationOf([
  { name: 'shop', tier: 'upstream', produces: ['orders', 'audit'] },
  { name: 'billing', tier: 'downstream', consumes: ['orders'] },
])

describe.each(['2.4', '4'] as const)('the figures of a cluster of Kafka %s', (version) => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await testCluster(version)
    for (const topic of migration.topics) await cluster.createTopic(topic, 2)
  }, 120_000)
  afterAll(() => cluster?.stop())

  it('are records, bytes and rates of every topic, and where each group stands in records and in time', async () => {
    const rings = new Map<string, LagPoint[]>()
    const samples = {
      push: async (_side: string, _group: string, topic: string, point: LagPoint) =>
        void rings.set(topic, [...(rings.get(topic) ?? []), point]),
      read: async () => rings,
    }
    const nothing = { seen: async () => new Map(), watchPods: async () => undefined, logs: async () => [] }
    const { kafka } = cluster
    const monitor = createMonitor(
      { kafka: { source: kafka, target: kafka }, workloads: { source: nothing, target: nothing }, samples },
      migration,
    )
    const look = async (now: number) => {
      await monitor.look('source', now)
      return monitor.kpis('source', now)
    }
    const at = Date.now()
    const write = async (topic: string, count: number) => {
      const producer = cluster.app.producer()
      await producer.connect()
      const messages = Array.from({ length: count }, () => ({ partition: 0, value: 'x'.repeat(100) }))
      await producer.send({ topic, messages })
      await producer.disconnect()
    }
    await write('orders', 40)
    const group = migration.apps.find(({ name }) => name === 'billing')!.group!
    await kafka.commit(group, new Map([['orders', new Map([[0, 10n]])]]))
    expect(await look(at)).toMatchObject({
      side: 'source',
      groups: [{ group, records: 30, outPerSecond: null, committed: { orders: ['10'] } }],
      topics: expect.arrayContaining([expect.objectContaining({ topic: 'orders', inPerSecond: null })]),
    })

    await write('orders', 100)
    await write('audit', 7)
    await kafka.commit(group, new Map([['orders', new Map([[0, 40n]])]]))
    const found = await look(at + 10_000)
    expect(found?.topics).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ topic: 'orders', ends: ['140', '0'], inPerSecond: 10, records: 140 }),
        // No group reads it, and its figures are wanted all the same.
        expect.objectContaining({ topic: 'audit', ends: ['7', '0'], inPerSecond: 0.7, records: 7 }),
      ]),
    )
    // The log end stood at 40 ten seconds ago.
    expect(found?.groups).toEqual([
      expect.objectContaining({ group, records: 100, outPerSecond: 3, seconds: 10, committed: { orders: ['40'] } }),
    ])

    // What was sized before is not asked of the disks again at once; half a minute later it is.
    const later = await look(at + 40_000)
    expect(later?.topics.find(({ topic }) => topic === 'orders')?.bytes).toBeGreaterThan(4000)
    // Two sides have nothing to do with each other.
    expect(await monitor.kpis('target', at + 40_000)).toBeUndefined()
  }, 60_000)
})
