import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Transaction } from 'kafkajs'
import { readConnectorOffsets, writeConnectorOffsets } from '../../../src/connect/kafka-connect/offsets-topic.js'
import { type TestCluster, testCluster } from '../kafka/cluster.js'

const topic = 'connect-offsets'
const connector = 'old->new.MirrorSourceConnector'

describe('what a connector has delivered, by the topic in which its workers keep it', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await testCluster('3.9')
    await cluster.createTopic(topic, 2)
  }, 120_000)
  afterAll(() => cluster?.stop(), 60_000)

  /** As a worker writes it; where `into` lies is the hash of the key, which is of no concern here. */
  const word = (of: number, offset: number | null, into: number, name = connector) => ({
    topic,
    messages: [
      {
        partition: into,
        key: JSON.stringify([name, { cluster: 'old', partition: of, topic: 'orders' }]),
        value: offset === null ? null : JSON.stringify({ offset }),
      },
    ],
  })
  const read = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      (await readConnectorOffsets(cluster.kafka, topic, connector)).map(({ partition, offset }) => [
        partition.partition,
        offset?.offset,
      ]),
    )
  /** The end of a transaction is in each partition a moment after it was acknowledged; until then what was before stands, and nothing else. */
  async function comesTo(wanted: Record<number, unknown>) {
    const before = await read()
    await cluster.until(async () => {
      const now = await read()
      for (const [of, offset] of Object.entries(now)) expect([before[of], wanted[Number(of)]]).toContain(offset)
      return isDeepStrictEqual(now, wanted)
    })
  }

  it('is the newest word on each partition, until it is taken back', async () => {
    const worker = cluster.app.producer()
    await worker.connect()
    for (const each of [word(0, 1, 0), word(1, 7, 1), word(0, 5, 0), word(2, 3, 0), word(2, null, 0)])
      await worker.send(each)
    await worker.send(word(0, 99, 0, 'other'))
    await worker.disconnect()
    expect(await read()).toEqual({ 0: 5, 1: 7 })
  })

  it('is what an exactly-once worker has committed in that partition, and nothing of a transaction that is open or aborted', async () => {
    const worker = cluster.app.producer({ transactionalId: 'task-0', idempotent: true, maxInFlightRequests: 1 })
    await worker.connect()
    const within = async (end: (transaction: Transaction) => Promise<void>, ...words: ReturnType<typeof word>[]) => {
      const transaction = await worker.transaction()
      for (const each of words) await transaction.send(each)
      await end(transaction)
    }
    await within((one) => one.commit(), word(0, 10, 0), word(1, 20, 1))
    await comesTo({ 0: 10, 1: 20 })
    await within((one) => one.abort(), word(0, 11, 0), word(1, 21, 1))
    expect(await read()).toEqual({ 0: 10, 1: 20 })
    // Committed in one partition, open in the other: the end of the first says nothing of the second, whichever is read first.
    for (const [committed, open] of [
      [1, 0],
      [0, 1],
    ] as const) {
      const before = (await read())[open]
      await within((one) => one.commit(), word(committed, 30, committed))
      const transaction = await worker.transaction()
      await transaction.send(word(open, 31, open))
      await comesTo({ [committed]: 30, [open]: before })
      await transaction.commit()
      await comesTo({ [committed]: 30, [open]: 31 })
    }
    await worker.disconnect()
  })

  it('leaves out what a worker had open when its successor took over', async () => {
    const worker = () => cluster.app.producer({ transactionalId: 'task-1', idempotent: true, maxInFlightRequests: 1 })
    const [before, after] = [worker(), worker()]
    await before.connect()
    const open = await before.transaction()
    await open.send(word(0, 40, 0))
    await after.connect()
    const transaction = await after.transaction()
    await transaction.send(word(0, 41, 0))
    await transaction.commit()
    await comesTo({ 0: 41, 1: 31 })
    await Promise.all([before.disconnect(), after.disconnect()])
  })

  it('is set as its worker would: under the key that a partition has already, and taken back', async () => {
    const worker = cluster.app.producer()
    await worker.connect()
    const key = JSON.stringify([connector, { topic: 'orders', partition: 7, cluster: 'old' }])
    await worker.send({ topic, messages: [{ key, value: JSON.stringify({ offset: 50 }) }] })
    await worker.disconnect()
    const before = await cluster.kafka.endOffsets([topic])
    const set = (of: number, offset: number | null, stillMine = async () => {}) =>
      writeConnectorOffsets(
        cluster.kafka,
        topic,
        connector,
        [
          {
            partition: { cluster: 'old', partition: of, topic: 'orders' },
            offset: offset === null ? null : { offset },
          },
        ],
        { stillMine, now: Date.now },
      )
    await set(7, 51)
    await set(8, 60)
    expect(await read()).toMatchObject({ 7: 51, 8: 60 })
    await set(8, null)
    await expect(
      set(7, 52, async () => {
        throw new Error('another has taken over')
      }),
    ).rejects.toThrow('another has taken over')
    // Paused behind that question, while a successor did its work.
    await expect(set(7, 53, () => set(7, 54))).rejects.toMatchObject({ code: 'fenced' })
    const { 8: taken, ...left } = await read()
    expect([taken, left]).toEqual([undefined, expect.objectContaining({ 7: 54 })])
    const keys = new Set<string>()
    await cluster.kafka.scan(
      [...(await cluster.kafka.endOffsets([topic])).get(topic)!].flatMap(([partition, to]) => {
        const from = before.get(topic)!.get(partition)!
        return from < to ? [{ topic, partition, from, to }] : []
      }),
      (_, batch) => {
        for (const one of batch.records()) keys.add(`${one.key}`)
      },
    )
    expect(keys).toEqual(new Set([key, JSON.stringify([connector, { cluster: 'old', partition: 8, topic: 'orders' }])]))
  })
})
