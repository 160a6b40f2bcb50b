import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Consumer } from 'kafkajs'
import type { Migration } from '../../src/config/migration.js'
import { groupsKnown } from '../../src/gates/groups-known.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'
import { createLooks, migrationOf } from './look.js'

describe.each(['2.4', '3.9'] as const)('groups on Kafka %s', (version) => {
  let cluster: TestCluster
  const consumers: Consumer[] = []
  beforeAll(async () => {
    cluster = await testCluster(version)
    for (const topic of ['orders', 'refunds', 'elsewhere']) await cluster.createTopic(topic)
    await consume('billing', ['orders', 'refunds'])
    // A reader by assign(): it has no members and only commits.
    await cluster.kafka.commit('report', new Map([['orders', new Map([[0, 0n]])]]))
    await cluster.kafka.commit('far-away', new Map([['elsewhere', new Map([[0, 0n]])]]))
  }, 120_000)
  afterAll(async () => {
    await Promise.all(consumers.map((consumer) => consumer.disconnect()))
    await cluster?.stop()
  })

  async function consume(groupId: string, topics: string[]) {
    const consumer = cluster.app.consumer({ groupId })
    await consumer.connect()
    await consumer.subscribe({ topics })
    await consumer.run({ eachMessage: async () => undefined })
    consumers.push(consumer)
    await cluster.until(() =>
      cluster.kafka.describe([groupId]).then(
        ([one]) => one?.state === 'Stable',
        () => false,
      ),
    )
  }

  const billing = (consumes: string[]) => ({ name: 'billing', group: 'billing', consumes })
  const look = (apps: Parameters<typeof migrationOf>[1], stay: string[] = []) => {
    const migration: Migration = { ...migrationOf(['orders', 'refunds'], apps), groups: { stay } }
    return createLooks({ kafka: { source: cluster.kafka, target: cluster.kafka } }, migration)(groupsKnown, {
      side: 'source',
    })
  }

  it('that read a mirrored topic and belong to no app are named; others do not matter', async () => {
    const found = await look([billing(['orders', 'refunds'])])
    expect(found).toMatchObject({ verdict: 'failed', reason: 'unaccounted' })
    expect(found.text).toMatch(/1 group of no app: report \(orders\)/)
  })

  it('are accounted for when they are named as staying, and the subscriptions are kept as evidence', async () => {
    const found = await look([billing(['orders', 'refunds'])], ['repo*'])
    expect(found).toMatchObject({ verdict: 'passed', evidence: { subscriptions: { billing: ['orders', 'refunds'] } } })
  })

  it('that subscribe to more than their app says are named: nobody would position that topic', async () => {
    const found = await look([billing(['orders'])], ['report'])
    expect(found).toMatchObject({
      verdict: 'failed',
      reason: 'subscription',
      text: expect.stringContaining('billing reads refunds'),
    })
  })

  it('that no cluster has seen are probably mistyped', async () => {
    const found = await look(
      [billing(['orders', 'refunds']), { name: 'stats', group: 'statz', consumes: ['orders'] }],
      ['report'],
    )
    expect(found).toMatchObject({ verdict: 'failed', reason: 'absent', text: expect.stringContaining('statz') })
  })
})
