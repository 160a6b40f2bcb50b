import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { assigned } from '../../lab/odd-apps/console-consumers.js'
import { handsOff, stuck } from '../../lab/odd-apps/readers.js'
import { cronJob, punctuator, retrier } from '../../lab/odd-apps/writers.js'
import type { Part } from '../../lab/types.js'
import { groupsPosition } from '../../src/actions/groups-position.js'
import { drained } from '../../src/gates/drained.js'
import { groupsEmpty } from '../../src/gates/groups-empty.js'
import { noWrites } from '../../src/gates/no-writes.js'
import { offsetsStill } from '../../src/gates/offsets-still.js'
import { positioned } from '../../src/gates/positioned.js'
import { sealed } from '../../src/gates/sealed.js'
import { toJson } from '../../src/proof/offsets.js'
import type { Json } from '../../src/runbook/json.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'
import { createLooks, migrationOf } from './look.js'

/** Each rule with an app that breaks it: what its gate says, and what would have happened without. */
let cluster: TestCluster
beforeAll(async () => {
  cluster = await testCluster('3.9')
}, 120_000)
afterAll(() => cluster?.stop(), 60_000)

const running: Part[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.stop()))
}, 30_000)
const run = <App extends Part>(app: App): App => {
  running.push(app)
  return app
}

const source = { side: 'source' } as const
const facts = () => new Map<string, Json>()

function looks(topics: string[], apps: Parameters<typeof migrationOf>[1], known = facts()) {
  const seen = async () => Promise.reject(new Error('no Kubernetes here'))
  const deps = {
    kafka: { source: cluster.kafka, target: cluster.kafka },
    workloads: { source: { seen }, target: { seen } },
  }
  const migration = migrationOf(topics, apps)
  return { look: createLooks(deps, migration, known), migration, known }
}

async function send(topic: string, ...values: string[]): Promise<void> {
  const producer = cluster.app.producer()
  await producer.connect()
  await producer.send({ topic, messages: values.map((value) => ({ value })) })
  await producer.disconnect()
}
const lagOf = async (group: string, topic: string) => {
  const committed = (await cluster.kafka.committed([group])).get(group)?.get(topic)?.get(0) ?? 0n
  return ((await cluster.kafka.endOffsets([topic])).get(topic)?.get(0) ?? 0n) - committed
}

it('a group that never drains is never called drained, and what it has not read is named', async () => {
  await cluster.createTopic('stuck')
  await send('stuck', 'a', 'b', 'poison', 'c', 'd')
  const app = run(await stuck(cluster.app, 'stuck', 'stuck', 'poison'))
  await cluster.until(async () => app.processed.length === 2 && (await lagOf('stuck', 'stuck')) === 3n)
  const { look } = looks(['stuck'], [{ name: 'stuck', group: 'stuck', consumes: ['stuck'] }])
  expect(await look(drained, source)).toMatchObject({
    verdict: 'failed',
    reason: 'unread',
    text: expect.stringContaining('stuck 3 records'),
  })
  // Without it: the group is set to the waterline, above all of this, and three records are nobody's.
  const unread = ['a', 'b', 'poison', 'c', 'd'].filter((value) => !app.processed.includes(value))
  expect(unread).toEqual(['poison', 'c', 'd'])
}, 60_000)

it('what a timer has committed counts as processed only when it has stood still for as long as its app needs', async () => {
  await cluster.createTopic('hands-off')
  const values = ['a', 'b', 'c', 'd', 'e', 'f']
  await send('hands-off', ...values)
  const workMs = 300
  const app = run(await handsOff(cluster.app, 'hands-off', 'hands-off', workMs))
  await cluster.until(async () => (await lagOf('hands-off', 'hands-off')) === 0n)
  const at = (settle: number) =>
    looks(['hands-off'], [{ name: 'late', group: 'hands-off', consumes: ['hands-off'], settle, commits: 'auto' }]).look
  const [settled, naive] = [
    at(5000),
    looks(['hands-off'], [{ name: 'late', group: 'hands-off', consumes: ['hands-off'] }]),
  ]
  // Without settle: drained, with records in hand that die with the process.
  expect(await naive.look(drained, source)).toMatchObject({ verdict: 'passed' })
  expect(app.processed.length).toBeLessThan(values.length)
  expect(await settled(drained, source)).toMatchObject({ verdict: 'failed', reason: 'settling' })
  await cluster.until(async () => (await settled(drained, source)).verdict === 'passed')
  expect(app.processed).toEqual(values)
  expect(await settled(drained, source)).toMatchObject({
    text: expect.stringContaining('hands-off has committed all, by a timer'),
  })
}, 60_000)

it('a consumer by assign() has an empty group, lets it be positioned, and is found by what it commits', async () => {
  await cluster.createTopic('assigned')
  await send('assigned', 'a', 'b', 'c')
  const app = run(await assigned(cluster.lab, 'assigned'))
  await cluster.until(async () => (await lagOf(app.group, 'assigned')) === 0n)
  const known = facts()
  const { look, migration } = looks(['assigned'], [{ name: 'spark', group: app.group, consumes: ['assigned'] }], known)
  const certified = await look(drained, source)
  expect(certified).toMatchObject({ verdict: 'passed' })
  // By members alone it would be taken for stopped, and its position for set.
  expect(await look(groupsEmpty, source)).toMatchObject({ verdict: 'passed' })
  known.set('waterline', { at: 1, offsets: toJson(new Map([['assigned', new Map([[0, 1n]])]])), leftBehind: {} })
  const context = {
    now: Date.now(),
    migration,
    fact: async (name: string) => known.get(name),
    stillMine: async () => {},
  }
  const kafka = { source: cluster.kafka, target: cluster.kafka }
  const deps = { kafka, connect: () => ({ status: async () => undefined }) }
  const { effects } = await groupsPosition.plan(deps, { side: 'target', at: 'waterline' }, context)
  await groupsPosition.perform(deps, effects[0]!, context)

  await cluster.until(async () => (await look(positioned, { side: 'target' })).verdict === 'failed')
  await send('assigned', 'd')
  await cluster.until(async () => (await look(offsetsStill, source)).verdict === 'failed')
  expect(await look(sealed, source)).toMatchObject({ verdict: 'failed' })
  await app.stop()
}, 90_000)

it('what a punctuator writes after the drain voids the seal', async () => {
  await cluster.createTopic('sums-in')
  await cluster.createTopic('sums-out')
  await send('sums-in', 'a', 'b')
  run(await punctuator(cluster.app, 'sums', 'sums-in', 'sums-out', 2500))
  await cluster.until(async () => (await lagOf('sums', 'sums-in')) === 0n)
  const { look } = looks(
    ['sums-in', 'sums-out'],
    [{ name: 'sums', group: 'sums', consumes: ['sums-in'], produces: ['sums-out'] }],
  )
  expect(await look(drained, source)).toMatchObject({ verdict: 'passed' })
  expect(await look(sealed, source)).toMatchObject({ verdict: 'passed' })
  await cluster.until(async () => (await look(sealed, source)).verdict === 'failed')
  // Its group has still nothing to read: by lag alone nobody would see that a record was born that the mirror does not bring.
  expect(await lagOf('sums', 'sums-in')).toBe(0n)
  expect(await look(sealed, source)).toMatchObject({ reason: 'written', text: expect.stringContaining('sums-out-0') })
}, 60_000)

it('a job that comes back after the drain is told from silence, and voids the seal', async () => {
  await cluster.createTopic('nightly')
  await cronJob(cluster.app, 'nightly', 'first')
  const { look } = looks(['nightly'], [{ name: 'stock', produces: ['nightly'] }])
  await look(noWrites, source)
  expect(await look(noWrites, source)).toMatchObject({ verdict: 'passed' })
  expect(await look(drained, source)).toMatchObject({ verdict: 'passed' })
  await cronJob(cluster.app, 'nightly', 'second')
  expect(await look(noWrites, source)).toMatchObject({ verdict: 'failed', reason: 'still-writing' })
  expect(await look(sealed, source)).toMatchObject({ verdict: 'failed', reason: 'written' })
  // Silence again, but the seal stays broken: only another drain makes it whole.
  expect(await look(noWrites, source)).toMatchObject({ verdict: 'passed' })
  expect(await look(sealed, source)).toMatchObject({ verdict: 'failed', reason: 'written' })
  expect(await look(drained, source)).toMatchObject({ verdict: 'passed' })
  expect(await look(sealed, source)).toMatchObject({ verdict: 'passed' })
}, 60_000)

describe('a retry topic', () => {
  it('is a cycle: nothing is drained while a record waits to be due, though nobody writes and nobody lags where it will come', async () => {
    await cluster.createTopic('pay')
    await cluster.createTopic('pay-retry')
    await send('pay-retry', 'again')
    run(await retrier(cluster.app, 'retrier', 'pay-retry', 'pay', 4000))
    const payer = run(await stuck(cluster.app, 'payer', 'pay', 'no poison'))
    const { look } = looks(
      ['pay', 'pay-retry'],
      [
        { name: 'payer', group: 'payer', consumes: ['pay'], produces: ['pay-retry'] },
        { name: 'retrier', group: 'retrier', consumes: ['pay-retry'], produces: ['pay'] },
      ],
    )
    await look(noWrites, source)
    expect(await look(noWrites, source)).toMatchObject({ verdict: 'passed' })
    expect(await lagOf('payer', 'pay')).toBe(0n)
    expect(await look(drained, source)).toMatchObject({
      verdict: 'failed',
      reason: 'unread',
      text: expect.stringMatching(/retrier 1 record .*oldest of/),
    })
    expect(payer.processed).toEqual([])
    await cluster.until(async () => (await look(drained, source)).verdict === 'passed')
    expect(payer.processed).toEqual(['again'])
  }, 60_000)
})
