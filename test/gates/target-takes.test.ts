import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { offsetsExpiry } from '../../src/gates/offsets-expiry.js'
import { targetAccepts } from '../../src/gates/target-accepts.js'
import { versions } from '../../src/gates/versions.js'
import { isOlder } from '../../src/proof/versions.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'
import { createLooks, migrationOf } from './look.js'

const hour = 3_600_000
let source: TestCluster
let target: TestCluster
const topics = ['ahead', 'back', 'large', 'plain']

async function write(cluster: TestCluster, topic: string, timestamp: number) {
  const producer = cluster.app.producer({ retry: { retries: 0 } })
  await producer.connect()
  try {
    await producer.send({ topic, messages: [{ value: 'x', timestamp: String(timestamp) }] })
  } finally {
    await producer.disconnect()
  }
}
const looks = (of: string[], settings: Record<string, string> = {}) => {
  const deps = {
    kafka: { source: source.kafka, target: target.kafka },
    connect: () => ({ settings: async () => settings }),
  }
  return createLooks(deps, migrationOf(of, [{ name: 'app', produces: of }]))
}

describe('a target of Kafka 4', () => {
  beforeAll(async () => {
    ;[source, target] = await Promise.all([
      testCluster('2.4', 10_000, { 'offsets.retention.minutes': 1440 }),
      testCluster('4'),
    ])
    for (const topic of topics) {
      await source.createTopic(topic, 2, topic === 'large' ? { 'max.message.bytes': '5000000' } : {})
      const day = String(24 * hour)
      const configs = {
        'max.message.bytes': '5000000',
        ...(topic === 'back' ? { 'message.timestamp.before.max.ms': day } : {}),
      }
      await target.createTopic(topic, 2, configs)
      if (topic !== 'back') await write(source, topic, Date.now())
    }
  }, 240_000)
  afterAll(async () => {
    await Promise.all([source?.stop(), target?.stop()])
  })

  it('refuses a record dated two hours ahead, which is found among all of the source before it stops the mirror', async () => {
    expect(await looks(['ahead'])(targetAccepts)).toMatchObject({ verdict: 'passed' })
    const ahead = Date.now() + 2 * hour
    await write(source, 'ahead', ahead)
    await expect(write(target, 'ahead', ahead)).rejects.toMatchObject({ type: 'INVALID_TIMESTAMP' })
    const found = await looks(['ahead', 'plain'])(targetAccepts)
    expect(found).toMatchObject({ verdict: 'failed', reason: 'ahead' })
    expect(found.text).toMatch(/1 partition hold records dated ahead of what the target takes \(1 h\): ahead-\d/)

    await target.kafka.setTopicConfigs('ahead', { 'message.timestamp.after.max.ms': String(24 * hour) })
    await target.until(async () => (await looks(['ahead'])(targetAccepts)).verdict === 'passed')
    await write(target, 'ahead', ahead)
  })

  it('refuses records that are older than a topic allows', async () => {
    const old = Date.now() - 48 * hour
    await write(source, 'back', old)
    await expect(write(target, 'back', old)).rejects.toMatchObject({ type: 'INVALID_TIMESTAMP' })
    expect(await looks(['back'])(targetAccepts)).toMatchObject({ verdict: 'failed', reason: 'old' })
  })

  it('takes large messages only as far as the mirror’s producer sends them', async () => {
    expect(await looks(['large'])(targetAccepts)).toMatchObject({ verdict: 'failed', reason: 'large' })
    const sized = { 'producer.override.max.request.size': '6000000' }
    expect(await looks(['large'], sized)(targetAccepts)).toMatchObject({ verdict: 'passed' })
  })

  it('no longer understands old clients, so that somebody has to ask the owners', async () => {
    const found = await looks(['plain'])(versions)
    expect(found).toMatchObject({ verdict: 'failed', reason: 'unasked' })
    expect(found.text).toMatch(/Produce below 3|Fetch below 4/)
    expect(await looks(['plain'])(versions, { clients: '2.4' })).toMatchObject({ verdict: 'passed' })
    expect(await looks(['plain'])(versions, { clients: '0.11' })).toMatchObject({
      verdict: 'failed',
      reason: 'too-old',
    })
    const same = createLooks(
      { kafka: { source: source.kafka, target: source.kafka } },
      migrationOf(['plain'], [{ name: 'app' }]),
    )
    expect(await same(versions)).toMatchObject({ verdict: 'passed' })
  })

  it('and source keep commits of stopped groups for a time that a rollback must fit into', async () => {
    const found = await looks(['plain'])(offsetsExpiry)
    expect(found).toMatchObject({ verdict: 'failed', reason: 'short' })
    expect(found.text).toContain('24 h on the source, 7 days on the target')
    expect(await looks(['plain'])(offsetsExpiry, { least: '12h' })).toMatchObject({ verdict: 'passed' })
  })
})

describe('versions of clients', () => {
  it.each([
    ['0.11', '2.1', true],
    ['2.1', '2.1', false],
    ['2.1.1', '2.1', false],
    ['2.0.1', '2.1', true],
    ['3', '2.1', false],
  ])('%s is older than %s: %s', (version, than, older) => {
    expect(isOlder(version, than)).toBe(older)
  })
})
