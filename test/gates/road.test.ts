import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Side } from '../../lab/types.js'
import { pairsOfTheHour } from '../pairs.js'
import { createBooks, type Road, startConsumers, startProducers, startRoad } from './road.js'

describe.each(pairsOfTheHour)('the road from %s to %s, by the gates and actions of the runbooks', (from, to) => {
  let road: Road
  const books = createBooks()
  let producers: Awaited<ReturnType<typeof startProducers>>
  let consumers: Awaited<ReturnType<typeof startConsumers>>
  const said: string[] = []
  const pass = async (name: string, args = {}) => {
    const began = Date.now()
    const { text, evidence } = await road.passes(name, args)
    said.push(`${name}: ${text} [${Date.now() - began} ms]`)
    return evidence
  }

  beforeAll(async () => {
    road = await startRoad(from, to)
    await road.createTopics()
  }, 240_000)
  afterAll(async () => {
    if (process.env.ROAD_ALOUD) console.log(said.join('\n'))
    await road?.stop()
  }, 60_000)

  async function stopTheMirror() {
    await pass('replicas-full')
    await pass('left-behind-harmless')
    await pass('baseline', { over: '15m', least: '3s' })
    await pass('caught-up', { records: 1000, seconds: 30 })
    await pass('tails-equal', { records: 100 })
    said.push(...(await road.act('mirror-stop')))
    await pass('mirror-final')
    await pass('target-silent')
    await pass('waterline')
  }

  async function switchTheValve(old: Side, next: Side) {
    await pass('valve-on', { side: old })
    said.push(...(await road.act('valve-close', { side: old })), ...(await road.act('valve-open', { side: next })))
    await pass('valve-on', { side: next })
    await pass('no-resnapshot', { side: next })
  }

  async function drain(side: Side) {
    await producers.stop()
    await pass('no-writes', { side })
    await pass('drained', { side })
    await consumers.stop()
    await pass('groups-empty', { side })
    await pass('offsets-still', { side })
    await pass('sealed', { side })
  }

  async function cutOver(run: string) {
    await stopTheMirror()
    await switchTheValve('source', 'target')
    await drain('source')
    said.push(
      ...(await road.act('checkpoints-stop')),
      ...(await road.act('groups-position', { side: 'target', at: 'waterline' })),
    )
    await pass('sealed', { side: 'source' })
    await pass('positioned', { side: 'target' })
    producers = await startProducers(road, 'target', books, `${run}-on-target`)
    await pass('rate-in', { side: 'target', tolerance: '60%' })
    consumers = await startConsumers(road, 'target', books)
    await pass('read-from', { side: 'target', tier: 'dam', at: 'waterline' })
    await pass('lag-falls', { side: 'target' })
    await pass('rate-out', { side: 'target', tolerance: '60%' })
  }

  it('cuts over, rolls back and cuts over again: every record is processed exactly once', async () => {
    producers = await startProducers(road, 'source', books, 'before')
    consumers = await startConsumers(road, 'source', books)
    await road.startMirrorAndValve()
    await pass('mirror-runs')
    await cutOver('first')

    await pass('baseline', { over: '15m', least: '3s' })
    await switchTheValve('target', 'source')
    await drain('target')
    await pass('orphans-named')
    await pass('offsets-still', { side: 'source' })
    producers = await startProducers(road, 'source', books, 'back')
    consumers = await startConsumers(road, 'source', books)
    await pass('rate-in', { side: 'source', tolerance: '60%' })
    await pass('lag-falls', { side: 'source' })
    await pass('sealed', { side: 'target' })
    said.push(...(await road.act('mirror-start')))
    await pass('mirror-runs')

    await cutOver('second')
    await producers.stop()
    await road.settles(books)
    await pass('drained', { side: 'target' })
    await consumers.stop()
    expect({ lost: books.lost(), repeated: books.repeated() }).toEqual({ lost: [], repeated: [] })
    expect(books.acked.size).toBeGreaterThan(500)
  }, 240_000)
})

describe('the road with the mirror last', () => {
  it('leaves nothing behind on the source, and every record is processed exactly once', async () => {
    const road = await startRoad('3.9', '4')
    try {
      await road.createTopics()
      const books = createBooks()
      const before = await startProducers(road, 'source', books, 'before')
      const readers = await startConsumers(road, 'source', books)
      await road.startMirrorAndValve()
      await road.passes('caught-up', { records: 100, seconds: 30 })
      await road.act('valve-close', { side: 'source' })
      await road.passes('valve-closed', { side: 'source' })
      await before.stop()
      await road.passes('no-writes', { side: 'source' })
      await road.passes('drained', { side: 'source' })
      await readers.stop()
      await road.passes('groups-empty', { side: 'source' })
      await road.passes('sealed', { side: 'source' })
      await road.passes('caught-up', { records: 0, seconds: 0 })
      await road.passes('tails-equal', { records: 100 })
      await road.act('mirror-stop')
      await road.act('checkpoints-stop')
      for (const gate of ['mirror-final', 'nothing-left-behind', 'target-silent', 'waterline']) await road.passes(gate)
      await road.act('groups-position', { side: 'target', at: 'waterline' })
      await road.act('valve-open', { side: 'target' })
      await road.passes('positioned', { side: 'target' })
      await road.passes('valve-on', { side: 'target' })
      await road.passes('no-resnapshot', { side: 'target' })
      const after = await startProducers(road, 'target', books, 'after')
      const next = await startConsumers(road, 'target', books)
      await road.passes('read-from', { side: 'target', tier: 'dam', at: 'waterline' })
      await after.stop()
      await road.settles(books)
      await road.passes('drained', { side: 'target' })
      await next.stop()
      expect(road.facts.get('waterline')).toMatchObject({ leftBehind: {} })
      expect({ lost: books.lost(), repeated: books.repeated() }).toEqual({ lost: [], repeated: [] })
    } finally {
      await road.stop()
    }
  }, 240_000)
})
