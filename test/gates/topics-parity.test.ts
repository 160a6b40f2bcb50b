import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { topicsAlign } from '../../src/actions/topics-align.js'
import { topicsCreate } from '../../src/actions/topics-create.js'
import { topicsParity } from '../../src/gates/topics-parity.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'
import { createDoing } from './doing.js'
import { createLooks, migrationOf } from './look.js'

describe.each([
  ['3.9', '4'],
  ['2.4', '2.8'],
] as const)('topics on %s and %s', (from, to) => {
  let source: TestCluster
  let target: TestCluster
  const topics = ['orders', 'table', 'missing', 'wide']
  const migration = migrationOf(topics, [{ name: 'shop', produces: topics }])

  beforeAll(async () => {
    // The source says its retention three times: ms beats minutes beats hours.
    const retention = { 'log.retention.hours': 5, 'log.retention.minutes': 90, 'log.retention.ms': 3_600_000 }
    ;[source, target] = await Promise.all([testCluster(from, 10_000, retention), testCluster(to)])
    await source.createTopic('orders', 3)
    await source.createTopic('table', 1, { 'cleanup.policy': 'compact', 'max.message.bytes': '2000000' })
    await source.createTopic('missing', 2, { 'message.timestamp.type': 'LogAppendTime' })
    await source.createTopic('wide', 1)
    await target.createTopic('orders', 2, { 'retention.ms': '1000', 'segment.bytes': '1048576' })
    await target.createTopic('table', 1)
    await target.createTopic('wide', 2)
  }, 240_000)
  afterAll(async () => {
    await Promise.all([source?.stop(), target?.stop()])
  })

  const deps = () => ({ kafka: { source: source.kafka, target: target.kafka } })
  const differing = async (args = {}) => {
    const { evidence, verdict } = await createLooks(deps(), migration)(topicsParity, args)
    const { differences } = evidence as { differences: { what: string; source: string; target: string }[] }
    return { verdict, lines: differences.map((one) => `${one.what} ${one.source} ${one.target}`) }
  }
  const overrides = async (topic: string) =>
    Object.fromEntries(
      (await target.kafka.configEntries([topic]))
        .get(topic)!
        .filter(({ set }) => set)
        .map(({ key, value }) => [key, value]),
    )

  it('differ by a table that names each setting with both values, inherited ones by their precedence', async () => {
    const { verdict, lines } = await differing()
    expect(verdict).toBe('failed')
    expect(lines).toEqual(
      expect.arrayContaining([
        'orders partitions 3 2',
        'orders retention.ms 3600000 1000',
        'table cleanup.policy compact delete',
        expect.stringMatching(/^table max.message.bytes 2000000 10/),
        'missing 2 partitions absent',
        'wide partitions 1 2',
        'wide retention.ms 3600000 604800000',
        "brokers' default retention.ms 3600000 604800000",
      ]),
    )
  })

  it('are mended where nothing is shrunk: missing ones made, partitions added, other overrides left', async () => {
    const doing = createDoing(deps(), migration)
    await doing.act(topicsCreate)
    await target.until(async () => (await target.kafka.configEntries(['missing'])).has('missing'))
    const texts = await doing.act(topicsAlign)
    expect(texts.join('\n')).toMatch(/orders: 3 partitions, retention.ms 3600000/)
    await target.until(
      async () => !(await differing()).lines.some((line) => /^(orders [pr]|table c|missing)/.test(line)),
    )

    expect(await overrides('orders')).toMatchObject({ 'retention.ms': '3600000', 'segment.bytes': '1048576' })
    expect(await overrides('missing')).toMatchObject({ 'message.timestamp.type': 'LogAppendTime' })
    // What is left: the target keeps more, has more partitions, or inherits from its brokers.
    const { lines } = await differing({ larger: 'allowed' })
    expect(lines).toEqual(['wide partitions 1 2'])
    expect(await doing.plan(topicsAlign)).toEqual([])
    expect(await doing.plan(topicsCreate)).toEqual([])
  })

  it('keep what was raised or made when the doing is undone, and inherit the rest again', async () => {
    const doing = createDoing(deps(), migration)
    await source.kafka.setTopicConfigs('orders', { 'cleanup.policy': 'compact,delete', 'retention.ms': '7200000' })
    await target.until(async () => (await doing.plan(topicsAlign)).length > 0)
    await doing.act(topicsAlign)
    const texts = await doing.undo()
    expect(texts.join()).toMatch(/retention.ms kept, since nothing is ever shrunk/)
    await target.until(async () => (await overrides('orders'))['cleanup.policy'] !== 'compact,delete')
    expect(await overrides('orders')).toMatchObject({ 'retention.ms': '7200000', 'segment.bytes': '1048576' })
  })

  it('of which the source has none are named as such', async () => {
    const other = migrationOf(['orders', 'mistyped'], [{ name: 'shop', produces: ['orders'] }])
    expect(await createLooks(deps(), other)(topicsParity)).toMatchObject({
      reason: 'not-on-source',
      text: expect.stringContaining('mistyped'),
    })
  })
})
