import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Side } from '../../lab/types.js'
import { createOlderConnect } from '../../src/connect/kafka-connect/older-connect.js'
import { ofTheHour } from '../pairs.js'
import { linesOn, offsetsOf, type Road, startRoad } from './road.js'

/** AMQ Streams 1.7's own pair, whose workers neither stop nor tell nor take offsets; and from there to a worker that does all three. */
const pairs = [
  { source: '2.4', target: '2.8', connect: { source: '2.8', target: '2.8' } },
  { source: '2.4', target: '4', connect: { source: '2.8', target: '3.9' } },
] as const

describe.each(ofTheHour(pairs))(
  'a valve from Kafka Connect $connect.source to $connect.target',
  ({ source, target, connect }) => {
    let road: Road
    let plain: Road['deps']['connect']
    let lines = 0

    beforeAll(async () => {
      // Commits so seldom that a paused task has something left to commit.
      road = await startRoad(source, target, { connect, commitEveryMs: 3000 })
      plain = road.deps.connect
      await road.createTopics()
      await road.lab.startValve({ connector: 'valve', file: join(road.folder, 'intake.txt'), topic: 'intake' })
    }, 240_000)
    afterEach(() => {
      road.deps.connect = plain
      road.engine.stillMine = async () => {}
    })
    afterAll(() => road?.stop(), 60_000)

    const write = async (count: number) => {
      for (let n = 0; n < count; n++) await road.writeLine(`line-${lines++}`)
    }
    const span = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `line-${from + n}`)
    const holds = (side: Side, ...wanted: string[][]) =>
      road.until(async () => {
        const found = await linesOn(road, side)
        return found.length >= wanted.flat().length
      })
    const expectOn = async (side: Side, ...wanted: string[][]) =>
      expect(await linesOn(road, side)).toEqual(wanted.flat().sort())
    const close = async (side: Side) => {
      const [text] = await road.act('valve-close', { side })
      await road.passes('valve-closed', { side })
      return text
    }
    const stands = async (side: Side) => {
      for (const gate of ['valve-on', 'no-resnapshot']) await road.passes(gate, { side })
    }
    const carried = (side: Side) =>
      connect[side] === '2.8' ? `written to ${offsetsOf(side)} there and read back` : 'given to Kafka Connect there'

    it('is switched: each line comes once, on one side', async () => {
      await write(5)
      await holds('source', span(0, 5))
      expect(await close('source')).toContain('paused')
      await write(3)
      expect(await road.act('valve-open', { side: 'target' })).toEqual([expect.stringContaining(carried('target'))])
      await stands('target')
      await holds('target', span(5, 8))
      await expectOn('source', span(0, 5))
      await expectOn('target', span(5, 8))
    }, 60_000)

    it('is given up: it goes on from where it stood, and reads again what the target got', async () => {
      await write(2)
      await holds('target', span(5, 10))
      await road.undo()
      await road.passes('valve-on', { side: 'source' })
      await holds('source', span(0, 10))
      await expectOn('source', span(0, 10))
      await expectOn('target', span(5, 10))
    }, 60_000)

    it('is switched again and back, by a bot that is killed before it writes and before it starts the connector', async () => {
      await write(2)
      await holds('source', span(0, 12))
      await close('source')
      await road.act('valve-open', { side: 'target' })
      await write(2)
      await holds('target', span(5, 10), span(12, 14))
      await stands('target')
      await close('target')
      await write(1)

      const killed = async () => {
        throw new Error('killed')
      }
      const open = () => road.act('valve-open', { side: 'source' })
      road.engine.stillMine = killed
      await expect(open()).rejects.toThrow('killed')
      // Asked for the write, then for the start.
      let asked = 0
      road.engine.stillMine = async () => (++asked === 2 ? killed() : undefined)
      await expect(open()).rejects.toThrow('killed')
      road.engine.stillMine = async () => {}
      expect(await open()).toEqual([expect.stringContaining(carried('source'))])
      await write(1)
      await holds('source', span(0, 12), span(14, 16))
      await stands('source')
      await expectOn('source', span(0, 12), span(14, 16))
      await expectOn('target', span(5, 10), span(12, 14))
    }, 60_000)

    it('has its offsets under one key in one partition, whether its worker or the bot has written them', async () => {
      for (const side of ['source', 'target'] as const) {
        const topic = offsetsOf(side)
        const ranges = [...(await road.kafka[side].endOffsets([topic])).get(topic)!]
        const places = new Set<string>()
        await road.kafka[side].scan(
          ranges.flatMap(([partition, to]) => (to > 0n ? [{ topic, partition, from: 0n, to }] : [])),
          ({ partition }, batch) => {
            expect(batch.control).toBeUndefined()
            for (const { key } of batch.records()) places.add(`${partition} ${key}`)
          },
        )
        expect([...places]).toEqual([expect.stringMatching(/^\d \["valve",\{"filename":".*intake\.txt"\}\]$/)])
      }
    })

    it('is found out when its worker looks elsewhere than where its offsets were written', async () => {
      if (connect.target !== '2.8') return
      await road.kafka.target.createTopic({
        topic: 'elsewhere',
        partitions: 1,
        replicas: 1,
        configs: { 'cleanup.policy': 'compact' },
      })
      const valve = road.migration.valve as { target: { offsets: string } }
      try {
        valve.target.offsets = 'elsewhere'
        road.deps.connect = (url) =>
          url === road.lab.connect.target.url ? createOlderConnect(url, 'elsewhere', road.kafka.target) : plain(url)
        await road.until(() => road.kafka.target.endOffsets(['elsewhere']).then(Boolean, () => false))
        await close('source')
        await road.act('valve-open', { side: 'target' })
        // It goes on from where it stood there itself.
        await holds('target', span(5, 10), span(12, 14), span(14, 16))
        const stood = () => plain(road.lab.connect.target.url).offsets('valve')
        const before = await stood()
        await road.until(async () => JSON.stringify(await stood()) !== JSON.stringify(before))
        expect(await road.measure('no-resnapshot', { side: 'target' })).toMatchObject({
          verdict: 'inconclusive',
          text: expect.stringContaining('elsewhere'),
        })
      } finally {
        valve.target.offsets = offsetsOf('target')
      }
    }, 60_000)

    it('is not moved where a number in its offsets would not be carried to the digit', async () => {
      const producer = road.clients.source.producer()
      await producer.connect()
      const set = (value: string | null) =>
        producer.send({ topic: offsetsOf('source'), messages: [{ key: '["valve",{"filename":"ids"}]', value }] })
      await set('{"position":1234567890123456789}')
      const wanted = { reason: 'offsets-inexact', text: expect.stringContaining('ids') }
      expect(await road.measure('valve-config', { side: 'target' })).toMatchObject(wanted)
      await set(null)
      await producer.disconnect()
      expect(await road.measure('valve-config', { side: 'target' })).toMatchObject({ verdict: 'passed' })
    }, 60_000)

    it('is not begun where its offsets could not be carried, and the message names the setting', async () => {
      const valve = road.migration.valve as { source: { offsets?: string } }
      const topic = offsetsOf('source')
      const look = (side: Side = 'target') => road.measure('valve-config', { side })
      try {
        for (const side of ['source', 'target'] as const) expect(await look(side)).toMatchObject({ verdict: 'passed' })
        delete valve.source.offsets
        for (const side of ['source', 'target'] as const)
          expect(await look(side)).toMatchObject({
            reason: 'offsets-unset',
            text: expect.stringMatching(/source is 2\.8\.2.* as valve\.source\.offsets in migration\.yaml/),
          })
        valve.source.offsets = 'nowhere'
        expect(await look()).toMatchObject({ reason: 'offsets-missing', text: expect.stringContaining('nowhere') })
        valve.source.offsets = 'connect-source-configs.internal'
        road.deps.connect = (url) =>
          url === road.lab.connect.source.url
            ? createOlderConnect(url, 'connect-source-configs.internal', road.kafka.source)
            : plain(url)
        expect(await look()).toMatchObject({ reason: 'offsets-foreign' })
      } finally {
        valve.source.offsets = topic
      }
    })
  },
)
