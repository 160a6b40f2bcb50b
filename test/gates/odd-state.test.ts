import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { indexer, table } from '../../lab/odd-apps/readers.js'
import type { Part, Side } from '../../lab/types.js'
import { type Road, startRoad } from './road.js'

/** Apps whose trouble begins only when there are two clusters: one that takes offsets for identities, and one that holds state. */
describe('offsets and state across two clusters', () => {
  let road: Road
  const running: Part[] = []
  const documents = new Map<string, string>()
  beforeAll(async () => {
    road = await startRoad('3.9', '4', {
      apps: [{ name: 'index', consumes: ['orders'], keysByOffset: true }],
      compacted: ['prices'],
    })
    await road.createTopics()
  }, 240_000)
  afterAll(async () => {
    await Promise.all(running.map((app) => app.stop()))
    await road?.stop()
  }, 60_000)

  const run = <One extends Part>(app: One): One => {
    running.push(app)
    return app
  }
  async function send(side: Side, topic: string, messages: readonly { key: string; value: string }[]): Promise<void> {
    const producer = road.clients[side].producer()
    await producer.connect()
    await producer.send({ topic, messages: messages.map((message) => ({ ...message, partition: 0 })) })
    await producer.disconnect()
  }
  const orders = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => ({ key: 'k', value: `order-${from + n}` }))

  it('a sink keyed by offset would ignore what has a lower offset on the target, and its owner is asked', async () => {
    await send('source', 'orders', orders(0, 40))
    const old = run(await indexer(road.clients.source, 'index', 'orders', documents))
    await road.until(async () => old.processed.length === 40)
    await send('source', 'prices', [
      { key: 'a', value: '1' },
      { key: 'b', value: '1' },
    ])
    // Retention takes the first of them before the mirror comes, so that its offsets on the target are lower.
    const admin = road.clients.source.admin()
    await admin.connect()
    await admin.fetchTopicOffsets('orders')
    await admin.deleteTopicRecords({ topic: 'orders', partitions: [{ partition: 0, offset: '25' }] })
    await admin.disconnect()

    await road.startMirrorAndValve()
    await road.passes('mirror-runs')
    await road.until(async () => (await road.kafka.target.endOffsets(['orders'])).get('orders')?.get(0) === 15n)
    await road.until(async () => (await road.kafka.target.endOffsets(['prices'])).get('prices')?.get(0) === 2n)
    await old.stop()
    await road.act('mirror-stop')
    for (const gate of ['mirror-final', 'waterline']) await road.passes(gate)
    expect(await road.measure('offset-identity')).toMatchObject({
      verdict: 'failed',
      reason: 'again',
      text: expect.stringContaining('index meets offsets again on 1 partition (orders-0 from 15, seen up to 40)'),
    })

    // Without it: fifteen new orders, and not one of them becomes a document.
    await road.act('checkpoints-stop')
    await road.act('groups-position', { side: 'target', at: 'waterline' })
    await send('target', 'orders', orders(40, 55))
    const sink = run(await indexer(road.clients.target, 'index', 'orders', documents))
    await road.until(async () => sink.processed.length === 15)
    await sink.stop()
    expect([...documents.values()].filter((value) => sink.processed.includes(value))).toEqual([])
  }, 120_000)

  it('a table that is restored on the target misses for ever what stayed behind on the source, so that order is refused', async () => {
    expect(await road.measure('left-behind-harmless')).toMatchObject({
      verdict: 'failed',
      reason: 'state',
      text: expect.stringMatching(/compacted: prices.*cutover-mirror-last/),
    })
    // Without it, in the classic order: the source goes on for a while after the mirror has stopped.
    await send('source', 'prices', [{ key: 'b', value: '2' }])
    const [here, there] = [
      run(await table(road.clients.source, 'prices')),
      run(await table(road.clients.target, 'prices')),
    ]
    await road.until(async () => here.values.get('b') === '2' && there.values.has('b'))
    expect(Object.fromEntries(there.values)).toEqual({ a: '1', b: '1' })
    expect(await road.measure('nothing-left-behind')).toMatchObject({ verdict: 'failed', reason: 'left-behind' })
  }, 60_000)
})
