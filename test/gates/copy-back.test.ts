import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Side } from '../../lab/types.js'
import { actions } from '../../src/actions/index.js'
import type { NewRecord, TopicPartition } from '../../src/connect/kafka/types.js'
import type { Effect } from '../../src/runbook/language.js'
import { createBooks, type Road, startConsumers, startProducers, startRoad } from './road.js'

/** Two groups on one topic, of which one reads faster than the other on a target whose apps then cannot start any more. */
describe.each([
  ['3.9', '4'],
  ['2.4', '2.8'],
] as const)('rolling back from %s to %s when the target cannot drain', (from, to) => {
  let road: Road
  const books = createBooks()
  const audited = createBooks()
  let producers: Awaited<ReturnType<typeof startProducers>>
  let consumers: Awaited<ReturnType<typeof startConsumers>>
  let audit: Awaited<ReturnType<typeof startAudit>>

  /** The other group: reads orders only, and can be told to stop after so many. */
  async function startAudit(side: Side, most = Number.POSITIVE_INFINITY) {
    const consumer = road.clients[side].consumer({ groupId: 'audit', maxWaitTimeInMs: 100 })
    await consumer.connect()
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true })
    let read = 0
    let enough: () => void = () => {}
    const done = new Promise<void>((resolve) => {
      enough = resolve
    })
    await consumer.run({
      autoCommitThreshold: 1,
      eachMessage: async ({ topic, message }) => {
        if (read >= most) throw new Error('not read any more')
        audited.process(message.value!.toString())
        read += 1
        if (read === most) {
          consumer.pause([{ topic }])
          enough()
        }
      },
    })
    return { done, stop: () => consumer.disconnect() }
  }

  beforeAll(async () => {
    road = await startRoad(from, to, { apps: [{ name: 'audit', consumes: ['orders'] }] })
    await road.createTopics()
    producers = await startProducers(road, 'source', books, 'before')
    consumers = await startConsumers(road, 'source', books)
    audit = await startAudit('source')
    await road.startMirrorAndValve()
    await road.passes('mirror-runs')
  }, 240_000)
  afterAll(() => road?.stop(), 60_000)

  async function cutOver(run: string) {
    await road.passes('caught-up', { records: 1000, seconds: 30 })
    await road.passes('tails-equal', { records: 100 })
    await road.passes('orphans-harmless')
    await road.act('mirror-stop')
    for (const gate of ['mirror-final', 'target-silent', 'waterline']) await road.passes(gate)
    await road.act('valve-close', { side: 'source' })
    await road.act('valve-open', { side: 'target' })
    await producers.stop()
    await road.passes('no-writes', { side: 'source' })
    await road.passes('drained', { side: 'source' })
    await Promise.all([consumers.stop(), audit.stop()])
    await road.act('checkpoints-stop')
    await road.act('groups-position', { side: 'target', at: 'waterline' })
    await road.passes('sealed', { side: 'source' })
    await road.passes('positioned', { side: 'target' })
    producers = await startProducers(road, 'target', books, run)
  }

  /** Twelve orders of 900 KB on one partition. */
  async function sendLarge() {
    const producer = road.clients.target.producer()
    await producer.connect()
    for (let n = 0; n < 12; n++) {
      const value = `large-order-${n} ${'x'.repeat(900_000)}`
      await producer.send({ topic: 'orders', messages: [{ partition: 0, key: 'large', value }] })
      books.acked.add(value)
    }
    await producer.disconnect()
  }

  const lost = () => {
    const orders = [...books.acked].filter((value) => value.includes('-order-'))
    return [...books.lost(), ...orders.filter((value) => !audited.has(value)).map((value) => `${value} by audit`)]
  }
  const repeated = () => [...books.repeated(), ...audited.repeated().map((value) => `${value} by audit`)]

  const perform = (effect: Effect, deps: unknown = road.deps) =>
    actions.get(effect.action)!.perform(deps as never, effect, {
      now: Date.now(),
      migration: road.migration,
      fact: async (name) => road.facts.get(name),
      stillMine: async () => {},
    })

  it('copies all of it back once and in order though it is killed in between, and each group goes on where it stood', async () => {
    await cutOver('first')
    // One group reads for a while, the other five records of it; then nothing reads any more, and producers go on.
    consumers = await startConsumers(road, 'target', books)
    audit = await startAudit('target', 5)
    await audit.done
    await audit.stop()
    await road.passes('read-from', { side: 'target', tier: 'dam', at: 'waterline' })
    await consumers.stop()
    const before = books.acked.size
    await road.until(async () => books.acked.size > before + 100)
    await road.act('valve-close', { side: 'target' })
    await producers.stop()
    await sendLarge()
    await road.passes('no-writes', { side: 'target' })
    await road.passes('groups-empty', { side: 'target' })
    expect(lost().length).toBeGreaterThan(100)
    // Draining is no way: nobody reads. The copies are.
    expect(await road.measure('drained', { side: 'target' })).toMatchObject({ verdict: 'failed', reason: 'unread' })
    await road.passes('only-copies')

    const effects = await road.plan('copy-back')
    expect(effects.length).toBeGreaterThan(5)
    // More than one effect can carry: the second piece of the partition waits for its first.
    const waiting = effects.find(({ id, gate }) => id.includes('orders-0@') && gate)!
    expect(await road.measure('copied', waiting.gate!.args)).toMatchObject({ verdict: 'failed', reason: 'behind' })
    await expect(road.perform(waiting)).rejects.toMatchObject({ code: 'out-of-order' })

    const [first, second, ...others] = effects
    await road.perform(first!)
    // Killed when half of it was written: whoever comes next takes over, looks what is there, and goes on behind it.
    await expect(perform(second!, dyingHalfway(road))).rejects.toThrow('killed')
    expect(await road.measure('copied-back')).toMatchObject({ verdict: 'failed', reason: 'differs' })
    await road.passes('only-copies')
    const again = await road.plan('copy-back')
    const partitions = (of: readonly Effect[]) => of.map(({ id }) => id.split('@')[0]).sort()
    expect(partitions(again)).toEqual(partitions([second!, ...others]))
    for (const effect of again) await road.perform(effect)
    // Done once more it does nothing.
    for (const effect of again) expect(await road.perform(effect)).toMatch(/already copied|nothing .* left/)
    expect(await road.plan('copy-back')).toEqual([])

    const { text } = await road.passes('copied-back')
    expect(text).toMatch(/each once, in order/)
    await road.act('groups-follow')
    await road.passes('followed')
    await road.passes('copy-holds')
    await road.act('valve-open', { side: 'source' })
    await road.passes('no-resnapshot', { side: 'source' })
    producers = await startProducers(road, 'source', books, 'back')
    consumers = await startConsumers(road, 'source', books)
    audit = await startAudit('source')
    await road.passes('copy-holds')
    await road.act('mirror-start')
    await road.passes('mirror-runs')
    await road.until(async () => lost().length < 20)
    expect(repeated()).toEqual([])
  }, 240_000)

  it('cuts over again behind the copies, which the mirror has brought to the target a second time and nobody reads twice', async () => {
    await cutOver('second')
    consumers = await startConsumers(road, 'target', books)
    audit = await startAudit('target')
    await road.passes('read-from', { side: 'target', tier: 'dam', at: 'waterline' })
    await producers.stop()
    await road.until(async () => lost().length === 0)
    await road.passes('drained', { side: 'target' })
    await Promise.all([consumers.stop(), audit.stop()])
    expect({ lost: lost(), repeated: repeated() }).toEqual({ lost: [], repeated: [] })
  }, 240_000)

  it('does not copy behind what somebody else has written on the source', async () => {
    const [first] = await road.plan('copy-back')
    const { topic, partition } = first!.on as { topic: string; partition: number }
    const producer = road.clients.source.producer()
    await producer.connect()
    await producer.send({ topic, messages: [{ partition, key: 'k', value: 'a stranger' }] })
    await producer.disconnect()
    expect(await road.measure('only-copies')).toMatchObject({ verdict: 'failed', reason: 'stranger' })
    await expect(road.plan('copy-back')).rejects.toMatchObject({ code: 'stranger' })
  })
})

/** Clients whose writer is killed when it has written half of what it should. */
function dyingHalfway(road: Road) {
  const { source } = road.kafka
  const takeOver = async (name: string, partition: TopicPartition) => {
    const writer = await source.takeOver(name, partition)
    return {
      async append(records: readonly NewRecord[]) {
        await writer.append(records.slice(0, Math.ceil(records.length / 2)))
        throw new Error('killed')
      },
    }
  }
  return { ...road.deps, kafka: { ...road.kafka, source: { ...source, takeOver } } }
}
