import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { KafkaVersion } from '../../../lab/types.js'
import type { LogRecord, NewRecord } from '../../../src/connect/kafka/types.js'
import { type TestCluster, testCluster } from './cluster.js'

const bytes = (text: string) => Buffer.from(text)
const record = (value: string): NewRecord => ({ timestamp: 1000, key: null, value: bytes(value), headers: [] })

describe.each<KafkaVersion>(['2.4', '2.8', '3.9', '4'])('writing copies to Kafka %s', (version) => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await testCluster(version)
  }, 120_000)
  afterAll(() => cluster?.stop(), 60_000)

  const written = async (topic: string): Promise<LogRecord[]> => {
    const to = (await cluster.kafka.endOffsets([topic])).get(topic)?.get(0) ?? 0n
    const found: LogRecord[] = []
    await cluster.kafka.scan([{ topic, partition: 0, from: 0n, to }], (_, batch) => {
      if (!batch.control) found.push(...batch.records())
    })
    return found
  }
  const values = async (topic: string) => (await written(topic)).map(({ value }) => value?.toString())

  it('keeps every byte: null apart from empty, headers in order and repeated, timestamps back and forth, a record of 900 KB', async () => {
    await cluster.createTopic('exact')
    const now = Date.now()
    const records: NewRecord[] = [
      {
        timestamp: now,
        key: bytes('k'),
        value: bytes('v'),
        headers: [
          [bytes('b'), bytes('1')],
          [bytes('a'), null],
          [bytes('b'), bytes('')],
        ],
      },
      { timestamp: now - 86_400_000, key: null, value: null, headers: [] },
      { timestamp: now + 60_000, key: bytes(''), value: bytes(''), headers: [] },
      { timestamp: now, key: null, value: Buffer.alloc(900_000, 'large '), headers: [] },
      { timestamp: now, key: null, value: bytes('last'), headers: [] },
    ]
    const writer = await cluster.kafka.takeOver('copy-exact', { topic: 'exact', partition: 0 })
    await writer.append(records)
    expect((await written('exact')).map(({ offset: _, content: __, ...rest }) => rest)).toEqual(records)
  })

  it('goes on behind what it has written, in as many batches as it takes', async () => {
    await cluster.createTopic('many')
    const writer = await cluster.kafka.takeOver('copy-many', { topic: 'many', partition: 0 })
    const all = Array.from({ length: 3000 }, (_, n) => record(`${n} ${'x'.repeat(300)}`))
    await writer.append(all.slice(0, 10))
    await writer.append(all.slice(10))
    expect(await values('many')).toEqual(all.map(({ value }) => value?.toString()))
  })

  it('lets a holder that was paused add nothing once another has taken over, and leaves nothing aborted behind', async () => {
    await cluster.createTopic('fenced')
    const partition = { topic: 'fenced', partition: 0 }
    const paused = await cluster.kafka.takeOver('copy-fenced', partition)
    await paused.append([record('before')])
    const successor = await cluster.kafka.takeOver('copy-fenced', partition)
    await expect(paused.append([record('too late')])).rejects.toMatchObject({ code: 'fenced' })
    await successor.append([record('after')])
    await expect(paused.append([record('later still')])).rejects.toMatchObject({ code: 'fenced' })
    // As whoever reads uncommitted sees it.
    expect(await values('fenced')).toEqual(['before', 'after'])
  })

  it('puts records by their keys where other clients put them, and nothing else; an earlier holder is refused behind it', async () => {
    await cluster.createTopic('keyed', 4)
    const keys = Array.from({ length: 12 }, (_, n) => `["valve",{"table":"t${n}"}]`)
    const producer = cluster.app.producer()
    await producer.connect()
    await producer.send({ topic: 'keyed', messages: keys.map((key) => ({ key, value: 'worker' })) })
    await producer.disconnect()
    const put = (value: string) => keys.map((key) => ({ ...record(value), key: bytes(key) }))
    const paused = await cluster.kafka.takeOverByKey('offsets-keyed', 'keyed')
    const successor = await cluster.kafka.takeOverByKey('offsets-keyed', 'keyed')
    await successor.append(put('bot'))
    await expect(paused.append(put('too late'))).rejects.toMatchObject({ code: 'fenced' })
    await successor.append(put('again'))
    const ends = (await cluster.kafka.endOffsets(['keyed'])).get('keyed')!
    const places = new Map<string, string[]>()
    await cluster.kafka.scan(
      [...ends].map(([partition, to]) => ({ topic: 'keyed', partition, from: 0n, to })),
      ({ partition }, batch) => {
        expect(batch.control).toBeUndefined()
        for (const { key, value } of batch.records())
          places.set(`${key}`, [...(places.get(`${key}`) ?? []), `${partition} ${value}`])
      },
    )
    for (const key of keys) {
      const [place] = places.get(key)![0]!.split(' ')
      expect(places.get(key)).toEqual(['worker', 'bot', 'again'].map((value) => `${place} ${value}`))
    }
  })
})
