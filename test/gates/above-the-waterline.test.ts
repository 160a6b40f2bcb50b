import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Message } from 'kafkajs'
import { waitFor } from '../../lab/readiness.js'
import { damSample } from '../../src/gates/dam-sample.js'
import { debtHarmless } from '../../src/gates/debt-harmless.js'
import { orphansHarmless } from '../../src/gates/orphans-harmless.js'
import { fromJson, toJson } from '../../src/proof/offsets.js'
import type { Json } from '../../src/runbook/json.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'
import { createLooks, migrationOf } from './look.js'

/** One cluster stands for both sides: these gates compare what lies below the waterline with what lies above it. */
let cluster: TestCluster
beforeAll(async () => {
  cluster = await testCluster('3.9')
}, 120_000)
afterAll(() => cluster?.stop(), 60_000)

async function send(topic: string, ...messages: Message[]): Promise<void> {
  const producer = cluster.app.producer()
  await producer.connect()
  await producer.send({ topic, messages })
  await producer.disconnect()
}
const json = (value: object): Message => ({ value: JSON.stringify(value) })

async function above(topic: string, apps: Parameters<typeof migrationOf>[1]) {
  const facts = new Map<string, Json>()
  const waterline = toJson(await cluster.kafka.endOffsets([topic]))
  facts.set('waterline', { at: 1, offsets: waterline, leftBehind: {} })
  const kafka = { source: cluster.kafka, target: cluster.kafka }
  return { facts, look: createLooks({ kafka }, migrationOf([topic], apps), facts), waterline: fromJson(waterline) }
}

describe('dam-sample', () => {
  const dam = (topic: string) => [{ name: 'router', tier: 'dam' as const, group: 'router', consumes: [topic] }]

  it('waits until something is there, and then shows what it is like without a value of it', async () => {
    await cluster.createTopic('orders')
    await send('orders', json({ id: 1, email: 'ann@example.org' }))
    const { look } = await above('orders', dam('orders'))
    expect(await look(damSample, { side: 'target' })).toMatchObject({ verdict: 'failed', reason: 'nothing' })
    await send('orders', json({ id: 2, email: 'bob@example.org', lines: [{ sku: 'a' }] }))
    const found = await look(damSample, { side: 'target' })
    expect(found).toMatchObject({ verdict: 'passed', evidence: { total: 1, looked: 1 } })
    expect(found.text).toContain('orders-0@1')
    expect(found.text).toContain('{id: number, email: string, lines: [1 {sku: string}]}')
    expect(JSON.stringify(found)).not.toContain('bob')
  })

  it('does not wait for what never comes: a topic that was silent before the night', async () => {
    await cluster.createTopic('silent')
    const { look, facts } = await above('silent', dam('silent'))
    const rates = (rate: number) => ({ side: 'source', at: 1, overMs: 1, rateIn: { silent: rate }, rateOut: {} })
    facts.set('baseline', rates(2))
    expect(await look(damSample, { side: 'target' })).toMatchObject({ verdict: 'failed', reason: 'nothing' })
    facts.set('baseline', rates(0))
    expect(await look(damSample, { side: 'target' })).toMatchObject({ verdict: 'passed' })
  })

  it('shows values where it is told to, without what looks like a secret', async () => {
    await cluster.createTopic('told')
    const { look } = await above('told', dam('told'))
    await send('told', json({ id: 7, email: 'bob@example.org', password: 'hunter2' }))
    const { text } = await look(damSample, { side: 'target', show: 'values' })
    expect(text).toContain('{"id":7,"email":"***@***","password":***}')
  })

  it.each<[string, Message, Message]>([
    ['bytes where it was JSON', json({ id: 1 }), { value: Buffer.from([1, 2, 3, 0xff]) }],
    ['a schema id where it was JSON', json({ id: 1 }), { value: Buffer.from([0, 0, 0, 0, 9, 1]) }],
    ['JSON where it had a schema id', { value: Buffer.from([0, 0, 0, 0, 9, 1]) }, json({ id: 1 })],
    ['text where it was JSON', json({ id: 1 }), { value: '[object Object]' }],
  ])('does not let the Dam read %s', async (what, below, strange) => {
    const topic = what.replaceAll(' ', '-')
    await cluster.createTopic(topic)
    await send(topic, below, below)
    const { look } = await above(topic, dam(topic))
    await send(topic, below)
    expect(await look(damSample, { side: 'target' })).toMatchObject({ verdict: 'passed' })
    await send(topic, strange)
    expect(await look(damSample, { side: 'target' })).toMatchObject({
      verdict: 'failed',
      reason: 'undecodable',
      text: expect.stringContaining(`${topic}-0@3`),
    })
  })

  it('proves nothing where none of what lies above could be looked at', async () => {
    await cluster.createTopic('marked')
    const { look } = await above('marked', dam('marked'))
    const producer = cluster.app.producer({ transactionalId: 'marked', maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic: 'marked', messages: [json({ id: 1 })] })
    await transaction.commit()
    await producer.disconnect()
    // The newest offset is the end of the transaction, which the broker writes after it has answered.
    const ended = async () => (await cluster.kafka.endOffsets(['marked'])).get('marked')?.get(0) === 2n || undefined
    expect(await waitFor(ended, 20_000)).toBe(true)
    const found = await look(damSample, { side: 'target', records: 1 })
    expect(found).toMatchObject({ verdict: 'inconclusive', reason: 'unseen', evidence: { total: 1, looked: 0 } })
    expect(await look(damSample, { side: 'target', records: 2 })).toMatchObject({ verdict: 'passed' })
  })

  it('says where nothing lies below to compare with', async () => {
    await cluster.createTopic('newborn')
    const { look } = await above('newborn', dam('newborn'))
    await send('newborn', json({ id: 1 }))
    const { text } = await look(damSample, { side: 'target' })
    expect(text).toContain('Nothing lies below it to compare with on newborn.')
    expect(text).not.toContain('as below it')
  })

  it('names schema ids that were not seen before, and takes tombstones for what they are', async () => {
    await cluster.createTopic('avro')
    await send('avro', { value: Buffer.from([0, 0, 0, 0, 9, 1]) })
    const { look } = await above('avro', dam('avro'))
    await send('avro', { value: Buffer.from([0, 0, 0, 0, 12, 1]) }, { key: 'k', value: null })
    const found = await look(damSample, { side: 'target' })
    expect(found).toMatchObject({
      verdict: 'passed',
      text: expect.stringContaining('Schema ids not seen below it: 12'),
    })
  })
})

describe('state that was born on the target', () => {
  const reader = (topic: string) => [{ name: 'table', group: 'table', consumes: [topic] }]

  it('may not be left there by draining, whatever has processed it', async () => {
    await cluster.createTopic('prices', 1, { 'cleanup.policy': 'compact' })
    const { look } = await above('prices', reader('prices'))
    expect(await look(debtHarmless)).toMatchObject({ verdict: 'passed' })
    await send('prices', { key: 'a', value: '1' })
    expect(await look(debtHarmless)).toMatchObject({
      verdict: 'failed',
      reason: 'state',
      text: expect.stringMatching(/prices 1.*rollback copy/),
    })
  })

  it('is owed too where its reader has no group', async () => {
    await cluster.createTopic('rates')
    const { look } = await above('rates', [{ name: 'cache', consumes: ['rates'], offsets: 'none' }])
    await send('rates', { value: '1' })
    expect(await look(debtHarmless)).toMatchObject({ verdict: 'failed', reason: 'state' })
  })

  it('may not stay the newest value of a key when the target is used again', async () => {
    await cluster.createTopic('stock', 1, { 'cleanup.policy': 'compact' })
    await send('stock', { key: 'a', value: '1' }, { key: 'b', value: '1' })
    const { look, facts } = await above('stock', reader('stock'))
    await send('stock', { key: 'a', value: 'orphan' }, { key: 'b', value: 'orphan' }, { key: 'c', value: 'orphan' })
    const ranges = [{ topic: 'stock', partition: 0, from: '2', to: '5', records: 3 }]
    facts.set('orphans', { at: 2, mirrorStartedAt: 2, ranges })
    const stale = (text: string) => ({ verdict: 'failed', reason: 'newest', text: expect.stringContaining(text) })
    expect(await look(orphansHarmless)).toMatchObject(stale('3 keys'))
    await send('stock', { key: 'a', value: '2' }, { key: 'c', value: null })
    expect(await look(orphansHarmless)).toMatchObject(stale('1 key'))
    await send('stock', { key: 'b', value: '2' })
    expect(await look(orphansHarmless)).toMatchObject({ verdict: 'passed' })
  })

  it('says nothing of orphans on topics that are no state', async () => {
    await cluster.createTopic('events')
    const { look, facts } = await above('events', reader('events'))
    await send('events', { key: 'a', value: 'orphan' })
    facts.set('orphans', { at: 2, ranges: [{ topic: 'events', partition: 0, from: '0', to: '1', records: 1 }] })
    expect(await look(orphansHarmless)).toMatchObject({ verdict: 'passed' })
    expect(await look(debtHarmless)).toMatchObject({ verdict: 'passed' })
  })
})
