import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createBooks, linesOn, type Road, startConsumers, startProducers, startRoad } from './road.js'

describe('giving up before the pivot and going again', () => {
  let road: Road
  const books = createBooks()
  let producers: Awaited<ReturnType<typeof startProducers>>
  let consumers: Awaited<ReturnType<typeof startConsumers>>

  beforeAll(async () => {
    road = await startRoad('3.9', '4')
    await road.createTopics()
    producers = await startProducers(road, 'source', books, 'before')
    consumers = await startConsumers(road, 'source', books)
    await road.startMirrorAndValve()
    await road.passes('mirror-runs')
    await road.passes('caught-up', { records: 50, seconds: 30 })
  }, 240_000)
  afterAll(() => road?.stop(), 60_000)

  /** Up to the step before producers start on the target. */
  async function upToThePivot() {
    await road.act('mirror-stop')
    for (const gate of ['mirror-final', 'target-silent', 'waterline']) await road.passes(gate)
    await road.act('valve-close', { side: 'source' })
    await road.act('valve-open', { side: 'target' })
    await road.passes('no-resnapshot', { side: 'target' })
    await producers.stop()
    await road.passes('no-writes', { side: 'source' })
    await road.passes('drained', { side: 'source' })
    await consumers.stop()
    await road.act('checkpoints-stop')
    await road.act('groups-position', { side: 'target', at: 'waterline' })
    await road.passes('sealed', { side: 'source' })
    await road.passes('positioned', { side: 'target' })
  }

  it('undoes valve, positions and mirror, names what only the target got, and still processes each record once', async () => {
    await upToThePivot()
    // Read by nobody on the target, so the source's valve has to bring them again.
    for (let n = 0; n < 5; n++) {
      await road.writeLine(`late-${n}`)
      books.acked.add(`late-${n}`)
    }
    const end = async () => [...((await road.kafka.target.endOffsets(['intake'])).get('intake') ?? [])]
    const ends = () => end().then((all) => all.reduce((sum, [, offset]) => sum + offset, 0n))
    const before = await ends()
    await road.until(async () => (await ends()) >= before + 5n)

    await road.undo()
    expect(road.facts.get('orphans')).toMatchObject({
      ranges: expect.arrayContaining([expect.objectContaining({ topic: 'intake' })]),
    })
    producers = await startProducers(road, 'source', books, 'again')
    consumers = await startConsumers(road, 'source', books)
    await road.passes('valve-on', { side: 'source' })
    await road.passes('mirror-runs')
    await road.passes('caught-up', { records: 100, seconds: 30 })
    await road.passes('tails-equal', { records: 100 })

    await upToThePivot()
    producers = await startProducers(road, 'target', books, 'over')
    consumers = await startConsumers(road, 'target', books)
    await road.passes('read-from', { side: 'target', tier: 'dam', at: 'waterline' })
    await producers.stop()
    await road.settles(books)
    await road.passes('drained', { side: 'target' })
    await consumers.stop()
    expect({ lost: books.lost(), repeated: books.repeated() }).toEqual({ lost: [], repeated: [] })
  }, 180_000)

  it('does not take a group for positioned that stands below the waterline', async () => {
    await road.kafka.target.commit('billing', new Map([['orders', new Map([[0, 0n]])]]))
    const found = await road.measure('positioned', { side: 'target' })
    expect(found).toMatchObject({
      verdict: 'failed',
      reason: 'elsewhere',
      text: expect.stringContaining('billing on orders-0 stands at 0'),
    })
  })
})

/** A PostgreSQL slot starts at the later of the asked and its confirmed position: what the target has confirmed it never hands out again. */
describe('turning back with a valve that cannot read again', () => {
  let road: Road
  let lines = 0
  beforeAll(async () => {
    road = await startRoad('3.9', '4', { rewindable: false })
    await road.createTopics()
    await road.startMirrorAndValve()
    await road.passes('mirror-runs')
  }, 240_000)
  afterAll(() => road?.stop(), 60_000)

  const write = async (count: number) => {
    for (let n = 0; n < count; n++) await road.writeLine(`line-${lines++}`)
  }
  const all = () => Array.from({ length: lines }, (_, n) => `line-${n}`).sort()

  async function switchIt(brought = 5) {
    await write(5)
    await road.until(async () => (await linesOn(road, 'source')).length === lines)
    await road.passes('caught-up', { records: 0, seconds: 0 })
    await road.act('mirror-stop')
    for (const gate of ['mirror-final', 'waterline']) await road.passes(gate)
    await road.act('valve-close', { side: 'source' })
    await road.act('valve-open', { side: 'target' })
    await write(brought)
    await road.until(async () => new Set(await linesOn(road, 'target')).size === lines)
  }

  it('copies what it has brought to the target, and goes on from where it stood there', async () => {
    // More than one piece, and whoever copies dies between two of them: nothing of what was copied is recorded.
    await switchIt(25_000)
    expect((await linesOn(road, 'source')).length).toBe(lines - 25_000)
    let changes = 0
    // However slow the machine is: all in one call, as what an earlier call had said would be recorded and counted too.
    road.engine.clock = () => 0
    road.engine.stillMine = async () => {
      if (++changes === 2) throw new Error('it is no longer this replica’s')
    }
    await expect(road.undo()).rejects.toThrow('no longer')
    const copied = (await linesOn(road, 'source')).length - (lines - 25_000)
    expect(copied).toBeGreaterThan(0)
    expect(copied).toBeLessThan(25_000)
    expect(await road.undo()).toEqual(
      expect.arrayContaining([
        expect.stringContaining(`${25_000 - copied} records that it had brought to the target were copied first`),
      ]),
    )
    await write(3)
    await road.until(async () => (await linesOn(road, 'source')).length >= lines)
    expect(await linesOn(road, 'source')).toEqual(all())
    await road.passes('mirror-runs')
  }, 120_000)

  it('copies it too where the mirror was stopped last and is started again before the valve', async () => {
    await write(5)
    await road.until(async () => (await linesOn(road, 'source')).length === lines)
    await road.act('valve-close', { side: 'source' })
    await road.passes('caught-up', { records: 0, seconds: 0 })
    await road.act('mirror-stop')
    await road.act('checkpoints-stop')
    for (const gate of ['mirror-final', 'waterline']) await road.passes(gate)
    await road.act('valve-open', { side: 'target' })
    await write(5)
    await road.until(async () => new Set(await linesOn(road, 'target')).size === lines)
    expect((await linesOn(road, 'source')).length).toBe(lines - 5)

    expect(await road.undo()).toEqual(
      expect.arrayContaining([
        expect.stringContaining('5 records that it had brought to the target were copied first'),
      ]),
    )
    await write(3)
    await road.until(async () => (await linesOn(road, 'source')).length >= lines)
    expect(await linesOn(road, 'source')).toEqual(all())
    await road.passes('mirror-runs')
  }, 120_000)

  it('would lose it for ever if it were taken for one that can', async () => {
    await switchIt()
    const valve = road.migration.valve as { rewindable: boolean; source: { connector: string; url: string } }
    valve.rewindable = true
    // What the slot does when the source's connector comes back: it goes on behind what the target has confirmed.
    const there = road.deps.connect(road.lab.connect.target.url)
    const here = road.deps.connect(road.lab.connect.source.url)
    await there.stop('valve')
    await here.setOffsets('valve', await there.offsets('valve'), async () => {})
    await road.undo()
    await write(3)
    await road.until(async () => (await linesOn(road, 'source')).length === lines - 5)
    const arrived = new Set(await linesOn(road, 'source'))
    expect(all().filter((line) => !arrived.has(line))).toHaveLength(5)
  }, 120_000)
})
