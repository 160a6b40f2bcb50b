import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Side } from '../../lab/types.js'
import { createBooks, type Road, startConsumers, startProducers, startRoad } from './road.js'

describe('what must not happen around the mirror', () => {
  let road: Road
  const books = createBooks()

  beforeAll(async () => {
    road = await startRoad('3.9', '4')
    await road.createTopics()
    const producers = await startProducers(road, 'source', books, 'before')
    await road.startMirrorAndValve()
    await road.passes('mirror-runs')
    await road.until(async () => books.acked.size > 60)
    await producers.stop()
    // The source is silent only once the valve has brought in what was given to it.
    const lines = BigInt([...books.acked].filter((value) => value.includes('-line-')).length)
    await road.until(async () => {
      const ends = (await road.kafka.source.endOffsets(['intake'])).get('intake')!
      return [...ends.values()].reduce((sum, end) => sum + end, 0n) >= lines
    })
  }, 240_000)
  afterAll(() => road?.stop(), 60_000)

  async function write(side: Side, topic: string, ...values: string[]) {
    const producer = road.clients[side].producer()
    await producer.connect()
    await producer.send({ topic, messages: values.map((value) => ({ key: value, value })) })
    await producer.disconnect()
  }

  it('is caught up to the last record when the source is silent, whatever transactions ended how', async () => {
    expect(await road.passes('caught-up', { records: 0, seconds: 0 })).toMatchObject({
      text: 'The mirror has brought every data record of the source',
    })
    expect(await road.measure('nothing-left-behind')).toMatchObject({ verdict: 'failed', reason: 'mirror-runs' })
    expect(await road.measure('waterline')).toMatchObject({ verdict: 'failed', reason: 'mirror-runs' })
  })

  it('counts what stays behind by data records, per topic, and finds a mirror that is too far behind', async () => {
    await road.act('mirror-stop')
    await road.passes('mirror-final')
    expect(await road.measure('nothing-left-behind')).toMatchObject({ verdict: 'passed' })
    await write('source', 'orders', 'behind-1', 'behind-2', 'behind-3')
    expect(await road.measure('nothing-left-behind')).toMatchObject({
      verdict: 'failed',
      text: expect.stringContaining('orders 3'),
    })
    expect(await road.measure('caught-up', { records: 2, seconds: 60 })).toMatchObject({
      verdict: 'failed',
      text: expect.stringContaining('3 records behind'),
    })
    expect(await road.measure('caught-up', { records: 3, seconds: 60 })).toMatchObject({ verdict: 'passed' })
    expect(await road.measure('tails-equal', { records: 100 })).toMatchObject({ verdict: 'passed' })
    expect(await road.passes('waterline')).toMatchObject({
      text: expect.stringContaining('3 records so far stay behind'),
    })
  })

  it('sees a stranger on the target below the waterline', async () => {
    await write('target', 'payments', 'stranger')
    expect(await road.measure('target-silent')).toMatchObject({
      verdict: 'failed',
      reason: 'strangers',
      text: expect.stringContaining('payments-'),
    })
  })

  it('names both sides when apps write on both while the mirror is at rest', async () => {
    const first = await road.measure('one-side-writes')
    await write('source', 'orders', 'here')
    const onSource = await road.measure('one-side-writes', {}, first.evidence)
    expect(onSource).toMatchObject({ verdict: 'passed', text: 'Apps write on the source only' })
    await write('source', 'orders', 'here')
    await write('target', 'payments', 'and there')
    expect(await road.measure('one-side-writes', {}, onSource.evidence)).toMatchObject({
      verdict: 'failed',
      text: expect.stringContaining('orders on the source and payments on the target'),
    })
  })

  it('refuses to position a group that lives, or while checkpoints are written', async () => {
    const effects = await road.plan('groups-position', { side: 'target', at: 'waterline' })
    const billing = effects.find(({ id }) => id === 'groups-position target/billing')!
    expect(JSON.stringify(billing).length).toBeLessThan(1000)
    await expect(road.perform(billing)).rejects.toMatchObject({ code: 'checkpoints-run' })
    await road.act('checkpoints-stop')
    const consumers = await startConsumers(road, 'target', createBooks())
    await road.until(async () => (await road.kafka.target.describe(['billing']))[0]?.state === 'Stable')
    await expect(road.perform(billing)).rejects.toMatchObject({
      code: 'group-live',
      message: expect.stringContaining('billing'),
    })
    expect(await road.measure('groups-empty', { side: 'target' })).toMatchObject({ verdict: 'failed', reason: 'live' })
    await consumers.stop()
    await road.passes('groups-empty', { side: 'target' })
    expect(await road.perform(billing)).toBe('billing stands at the waterline on 6 partitions, read back')
    for (const effect of effects) await road.perform(effect)
    expect(await road.plan('groups-position', { side: 'target', at: 'waterline' })).toEqual([])
  }, 30_000)

  it('refuses to open the valve while the other side is open, and opening twice delivers nothing twice', async () => {
    const [open] = await road.plan('valve-open', { side: 'target' })
    await expect(road.perform(open!)).rejects.toMatchObject({ code: 'other-side-runs' })
    await road.act('valve-close', { side: 'source' })
    await road.perform(open!)
    const delivered = async () => sum((await road.kafka.target.endOffsets(['intake'])).get('intake'))
    const before = await delivered()
    await road.writeLine('through the new way')
    await road.until(async () => (await delivered()) > before)
    // As after a crash between the opening and its record: the outcome is not known, so it is performed again.
    road.facts.set('valve-offsets', { ...(road.facts.get('valve-offsets') as object), opened: undefined })
    await road.perform(open!)
    await road.writeLine('and the next one')
    await road.until(async () => (await delivered()) > before + 1n)
    expect(await delivered()).toBe(before + 2n)
    expect(await road.passes('no-resnapshot', { side: 'target' })).toMatchObject({ verdict: 'passed' })
    expect(await road.plan('valve-open', { side: 'target' })).toEqual([])
    expect(await road.measure('valve-on', { side: 'source' })).toMatchObject({
      verdict: 'failed',
      reason: 'other-side-runs',
    })
  }, 60_000)

  it('says what cannot be told when a broker is silent, in time', async () => {
    const [broker] = road.lab.clusters.source.brokers
    broker!.pause()
    try {
      const found = await road.measure('drained', { side: 'source' })
      expect(found).toMatchObject({
        verdict: 'inconclusive',
        reason: 'unreadable',
        text: expect.stringContaining('did not answer in time'),
      })
    } finally {
      broker!.resume()
    }
    await road.until(async () => (await road.measure('replicas-full')).verdict === 'passed')
  }, 60_000)
})

function sum(offsets: ReadonlyMap<number, bigint> | undefined): bigint {
  return [...(offsets?.values() ?? [])].reduce((all, one) => all + one, 0n)
}
