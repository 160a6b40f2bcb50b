import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { loadRun } from '../../src/actions/load-run.js'
import { capacity } from '../../src/gates/capacity.js'
import type { Json } from '../../src/runbook/json.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'
import { createDoing } from './doing.js'
import { createLooks, migrationOf } from './look.js'

describe.each(['2.4', '4'] as const)('the capacity of Kafka %s', (version) => {
  let cluster: TestCluster
  const facts = new Map<string, Json>()
  const migration = migrationOf(['orders'], [{ name: 'shop', produces: ['orders'] }])
  const deps = () => ({ kafka: { source: cluster.kafka, target: cluster.kafka } })
  const names = async () => [...(await cluster.kafka.state()).topics.keys()].filter((topic) => !topic.startsWith('__'))

  beforeAll(async () => {
    cluster = await testCluster(version)
    await cluster.createTopic('orders')
    // What a bot that was killed in a load run has left behind.
    await cluster.createTopic('floodgate-scratch-1.internal')
  }, 120_000)
  afterAll(() => cluster?.stop())

  it('is not taken for granted before it is measured', async () => {
    expect(await createLooks(deps(), migration, facts)(capacity)).toMatchObject({ reason: 'unmeasured' })
  })

  it('is measured within its bound on a scratch topic that is gone afterwards, and nothing else is', async () => {
    const doing = createDoing(deps(), migration, facts)
    const began = Date.now()
    const [slow] = await doing.act(loadRun, { side: 'source', most: '1 MiB' })
    const [fast] = await doing.act(loadRun, { side: 'target' })
    expect(Date.now() - began).toBeLessThan(9000)
    expect([slow, fast].join()).toMatch(/the source took .*; the scratch topic is deleted.*the target took/)
    const { source, target } = facts.get('capacity') as Record<string, { bytesPerSecond: number }>
    expect(target!.bytesPerSecond).toBeGreaterThan(0)
    expect(source!.bytesPerSecond).toBeGreaterThan(0)
    await cluster.until(async () => (await names()).join() === 'orders')
    expect(await doing.plan(loadRun, { side: 'target' })).toEqual([])
  })

  it('is held against what comes in, or is expected to', async () => {
    const look = createLooks(deps(), migration, facts)
    expect(await look(capacity)).toMatchObject({ verdict: 'inconclusive' })
    expect(await look(capacity, {}, Date.now() + 4000)).toMatchObject({ verdict: 'passed' })
    expect(await look(capacity, { peak: '1 GiB/s' })).toMatchObject({ verdict: 'failed', reason: 'too-small' })
    expect(await look(capacity, { peak: '1 kB/s' })).toMatchObject({ verdict: 'passed' })
  })
})
