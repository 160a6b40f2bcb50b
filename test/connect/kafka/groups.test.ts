import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TestCluster, testCluster } from './cluster.js'

describe.each(['2.4', '4'] as const)('groups on Kafka %s', (version) => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await testCluster(version)
    await cluster.createTopic('orders', 3)
  }, 120_000)
  afterAll(() => cluster.stop())

  it('sets and reads back the commits of a group without members, every partition of every topic', async () => {
    await cluster.createTopic('payments', 2)
    const wanted = new Map([
      [
        'orders',
        new Map([
          [0, 5n],
          [1, 0n],
          [2, 7n],
        ]),
      ],
      [
        'payments',
        new Map([
          [0, 1n],
          [1, 2n],
        ]),
      ],
    ])
    await cluster.kafka.commit('fresh', wanted)
    expect((await cluster.kafka.committed(['fresh', 'nobody'])).get('fresh')).toEqual(wanted)
    expect((await cluster.kafka.committed(['nobody'])).get('nobody')?.size).toBe(0)
  })

  it('tells a live group with its subscriptions from an empty and an absent one, and refuses to move it', async () => {
    const consumer = cluster.app.consumer({ groupId: 'live' })
    await consumer.connect()
    await consumer.subscribe({ topics: ['orders'] })
    await consumer.run({ eachMessage: async () => undefined })
    await cluster.until(async () => (await cluster.kafka.describe(['live']))[0]?.state === 'Stable')
    await cluster.kafka.commit('resting', new Map([['orders', new Map([[0, 1n]])]]))

    const states = await cluster.kafka.describe(['live', 'resting', 'nobody'])
    expect(states.map(({ group, life }) => [group, life])).toEqual([
      ['live', 'live'],
      ['resting', 'empty'],
      ['nobody', 'absent'],
    ])
    expect(states[0]?.members.map(({ subscribes }) => subscribes)).toEqual([['orders']])
    await expect(cluster.kafka.commit('live', new Map([['orders', new Map([[0, 1n]])]]))).rejects.toMatchObject({
      code: 'group-live',
    })

    await consumer.disconnect()
    await cluster.until(async () => (await cluster.kafka.describe(['live']))[0]?.life === 'empty')
  }, 30_000)

  it('knows leaders and replicas, and the policies of topics', async () => {
    await cluster.createTopic('table', 1, { 'cleanup.policy': 'compact' })
    const { topics } = await cluster.kafka.state(['orders'])
    expect(
      topics
        .get('orders')
        ?.every(({ leader, isr, replicas }) => isr.includes(leader) && isr.length === replicas.length),
    ).toBe(true)
    const configs = await cluster.kafka.topicConfigs(['orders', 'table'], ['cleanup.policy'])
    expect(Object.fromEntries([...configs].map(([topic, of]) => [topic, of.get('cleanup.policy')]))).toEqual({
      orders: 'delete',
      table: 'compact',
    })
  })
})
