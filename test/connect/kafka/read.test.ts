import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createConnections } from '../../../src/connect/kafka/connections.js'
import { findController } from '../../../src/connect/kafka/requests/topics.js'
import type { Batch, LogRecord } from '../../../src/connect/kafka/types.js'
import { type TestCluster, testCluster } from './cluster.js'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await testCluster('3.9')
}, 120_000)
afterAll(() => cluster.stop())

async function everything(
  topic: string,
  from = 0n,
): Promise<{ batches: Batch[]; records: LogRecord[]; start: bigint }> {
  const to = (await cluster.kafka.endOffsets([topic])).get(topic)?.get(0) ?? 0n
  const batches: Batch[] = []
  const [start] = await cluster.kafka.scan([{ topic, partition: 0, from, to }], (_, batch) => batches.push(batch))
  return {
    batches,
    records: batches.filter(({ control }) => !control).flatMap((batch) => batch.records()),
    start: start ?? -1n,
  }
}

describe('an answer that says nothing', () => {
  it('is handed on as it is: a cluster that has only just started knows no controller', async () => {
    const connections = createConnections({ bootstrap: cluster.bootstrap, clientId: 'floodgate-test' })
    const [address] = cluster.bootstrap
    expect(await connections.send(address!, findController())).toBe(address)
    expect(await connections.send(address!, { ...findController(), read: () => undefined })).toBeUndefined()
    await connections.close()
  })
})

describe('reading a log without a group', () => {
  it('shows committed and aborted records, and the markers behind them', async () => {
    await cluster.createTopic('transactions')
    const producer = cluster.app.producer({ idempotent: true, transactionalId: 'tx', maxInFlightRequests: 1 })
    await producer.connect()
    for (const end of ['commit', 'abort'] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: 'transactions', messages: [{ value: end }, { value: end }] })
      await transaction[end]()
    }
    await producer.disconnect()
    // The broker answers the end of a transaction before its marker is in the log.
    await cluster.until(
      async () => (await cluster.kafka.endOffsets(['transactions'])).get('transactions')?.get(0) === 6n,
    )
    const { batches, records } = await everything('transactions')
    expect(batches.filter(({ control }) => control).map(({ control, baseOffset }) => [control, baseOffset])).toEqual([
      ['commit', 2n],
      ['abort', 5n],
    ])
    expect(records.map(({ offset, value }) => [offset, value?.toString()])).toEqual([
      [0n, 'commit'],
      [1n, 'commit'],
      [3n, 'abort'],
      [4n, 'abort'],
    ])
    expect(new Set(batches.map(({ producerId }) => producerId)).size).toBe(1)
    expect(batches.every(({ transactional }) => transactional)).toBe(true)
  })

  it('keeps null apart from empty, and headers in order with their repeats', async () => {
    await cluster.createTopic('bytes')
    const producer = cluster.app.producer()
    await producer.connect()
    await producer.send({
      topic: 'bytes',
      messages: [
        { key: null, value: null, timestamp: '1700000000000' },
        { key: '', value: '', headers: { b: '1', a: ['2', '3'], c: '' }, timestamp: '1700000000001' },
      ],
    })
    await producer.disconnect()
    const [first, second] = (await everything('bytes')).records
    expect(first).toMatchObject({ key: null, value: null, headers: [], timestamp: 1_700_000_000_000 })
    expect(second).toMatchObject({ key: Buffer.alloc(0), value: Buffer.alloc(0), timestamp: 1_700_000_000_001 })
    expect(second?.headers.map(([key, value]) => `${key}=${value}`)).toEqual(['b=1', 'a=2', 'a=3', 'c='])
  })

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('reads what was compressed with %s', async (codec) => {
    await cluster.createTopic(codec)
    const lines = Array.from({ length: 500 }, (_, i) => `record ${i} ${'floodgate '.repeat(20)}`)
    execFileSync('kcat', ['-P', '-b', cluster.bootstrap.join(), '-t', codec, '-z', codec, '-q'], {
      input: lines.join('\n'),
    })
    const { records } = await everything(codec)
    expect(records.map(({ value }) => value?.toString())).toEqual(lines)
  })

  it('reads records of 1 MiB, and more than one answer can hold', async () => {
    await cluster.createTopic('large', 1, { 'max.message.bytes': '3000000' })
    const producer = cluster.app.producer()
    await producer.connect()
    for (let i = 0; i < 24; i++)
      await producer.send({ topic: 'large', messages: [{ value: Buffer.alloc(1024 * 1024, i) }] })
    await producer.disconnect()
    const { records } = await everything('large')
    expect(records.map(({ value }) => [value?.length, value?.[0]])).toEqual(
      Array.from({ length: 24 }, (_, i) => [1024 * 1024, i]),
    )
  })

  it('begins at the log start where the first records are gone, and says so', async () => {
    await cluster.createTopic('shortened')
    const producer = cluster.app.producer()
    await producer.connect()
    for (let i = 0; i < 10; i++) await producer.send({ topic: 'shortened', messages: [{ value: String(i) }] })
    await producer.disconnect()
    const admin = cluster.app.admin()
    await admin.connect()
    await admin.fetchTopicOffsets('shortened')
    await admin.deleteTopicRecords({ topic: 'shortened', partitions: [{ partition: 0, offset: '6' }] })
    await admin.disconnect()
    const { records, start } = await everything('shortened', 2n)
    expect(start).toBe(6n)
    expect(records.map(({ value }) => value?.toString())).toEqual(['6', '7', '8', '9'])
  })

  it("gives the broker's time where the topic keeps LogAppendTime", async () => {
    await cluster.createTopic('append-time', 1, { 'message.timestamp.type': 'LogAppendTime' })
    const producer = cluster.app.producer()
    await producer.connect()
    await producer.send({ topic: 'append-time', messages: [{ value: 'x', timestamp: '1' }] })
    await producer.disconnect()
    const [record] = (await everything('append-time')).records
    expect(record?.timestamp).toBeGreaterThan(1_600_000_000_000)
  })

  it('sees past compaction: the log ends beyond the last record that is left', async () => {
    await cluster.createTopic('compacted', 1, {
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.001',
      'max.compaction.lag.ms': '100',
    })
    const producer = cluster.app.producer()
    await producer.connect()
    const deadline = Date.now() + 20_000
    let count = Number.POSITIVE_INFINITY
    let sent = 0
    while (count >= sent && Date.now() < deadline) {
      for (let i = 0; i < 5; i++)
        await producer.send({ topic: 'compacted', messages: [{ key: 'same', value: String(sent++) }] })
      const { records } = await everything('compacted')
      count = records.length
      expect(records.at(-1)?.value?.toString()).toBe(String(sent - 1))
    }
    await producer.disconnect()
    expect(count).toBeLessThan(sent)
  }, 30_000)

  it('names the topic that is not there', async () => {
    await expect(cluster.kafka.endOffsets(['nowhere'])).rejects.toMatchObject({
      code: 'unknown-topic',
      message: /nowhere/,
    })
  })
})
