import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { modern } from '../../lab/odd-apps/console-consumers.js'
import type { Part } from '../../lab/types.js'
import { groupsFollow } from '../../src/actions/groups-follow.js'
import { groupsPosition } from '../../src/actions/groups-position.js'
import { drained } from '../../src/gates/drained.js'
import { followed } from '../../src/gates/followed.js'
import { groupsEmpty } from '../../src/gates/groups-empty.js'
import { groupsKnown } from '../../src/gates/groups-known.js'
import { offsetsStill } from '../../src/gates/offsets-still.js'
import { positioned } from '../../src/gates/positioned.js'
import { readFrom } from '../../src/gates/read-from.js'
import { sealed } from '../../src/gates/sealed.js'
import { sample } from '../../src/monitor/sample.js'
import type { LagPoint } from '../../src/monitor/samples.js'
import { groupsOf } from '../../src/proof/consumption.js'
import { toJson } from '../../src/proof/offsets.js'
import type { Json } from '../../src/runbook/json.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'
import { createDoing } from './doing.js'
import { createLooks, migrationOf } from './look.js'

/** One cluster stands for both sides. */
let cluster: TestCluster
beforeAll(async () => {
  cluster = await testCluster('4')
  await cluster.createTopic('orders')
  await cluster.createTopic('refunds')
}, 120_000)
const running: Part[] = []
afterAll(async () => {
  await Promise.all(running.map((app) => app.stop()))
  await cluster?.stop()
}, 60_000)

const source = { side: 'source' } as const
const atWaterline = { side: 'target', at: 'waterline' } as const
const ordersAt = (offset: bigint) => new Map([['orders', new Map([[0, offset]])]])
const [waterline, image] = [2n, 1n]
const group = 'modern'
const apps = (consumes: string[]) => [{ name: 'billing', tier: 'dam' as const, group, consumes }]
const facts = new Map<string, Json>([
  ['waterline', { at: 1, offsets: toJson(ordersAt(waterline)), leftBehind: {} }],
  ['copy', { at: 1, ends: { source: {}, target: {} }, records: 0, images: { modern: toJson(ordersAt(image)) } }],
])

function looks(consumes = ['orders']) {
  const kafka = { source: cluster.kafka, target: cluster.kafka }
  return createLooks({ kafka }, migrationOf(['orders', 'refunds'], apps(consumes)), facts)
}

function doing(hooks: Partial<TestCluster['kafka']> = {}) {
  const one = { ...cluster.kafka, ...hooks }
  const deps = { kafka: { source: one, target: one }, connect: () => ({ status: async () => undefined }) }
  return createDoing(deps, migrationOf(['orders'], apps(['orders'])), facts)
}

async function send(...values: string[]): Promise<void> {
  const producer = cluster.app.producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: values.map((value) => ({ value })) })
  await producer.disconnect()
}
const committed = async () => (await cluster.kafka.committed([group])).get(group)?.get('orders')?.get(0)
const until = (state: string, of = group) =>
  cluster.until(async () => (await cluster.kafka.describe([of]))[0]?.state === state)

async function sampled(): Promise<LagPoint | undefined> {
  let point: LagPoint | undefined
  const push = async (_: string, __: string, ___: string, one: LagPoint) => {
    point = one
  }
  await sample(cluster.kafka, { push }, 'source', groupsOf(migrationOf(['orders'], apps(['orders'])).apps), 1)
  return point
}

describe('a group of the new protocol (KIP-848)', () => {
  it('is live with its members though a classic request calls it dead, and is drained like any other', async () => {
    await send('a', 'b', 'c')
    running.push(await modern(cluster.lab, group, { topic: 'orders' }))
    await until('Stable')
    await cluster.until(async () => (await committed()) === 3n)
    expect(await cluster.kafka.describe([group])).toMatchObject([
      { life: 'live', members: [{ subscribes: ['orders'] }] },
    ])
    const look = looks()
    expect(await look(drained, source)).toMatchObject({ verdict: 'passed' })
    expect(await look(sealed, source)).toMatchObject({ verdict: 'passed' })
    expect(await look(readFrom, { ...atWaterline, tier: 'dam' })).toMatchObject({ verdict: 'passed' })
    expect(await sampled()).toEqual({ at: 1, live: true, partitions: [{ partition: 0, end: 3n, committed: 3n }] })
    // It has read all, and lives: that is not stopped.
    expect(await look(groupsEmpty, source)).toMatchObject({
      verdict: 'failed',
      reason: 'live',
      text: expect.stringMatching(/modern \(Stable, \S+ at \/127\.0\.0\.1\)/),
    })
  }, 60_000)

  it('shows what it reads: topics that its app does not name, and strangers by a pattern that have committed nothing', async () => {
    expect(await looks()(groupsKnown, source)).toMatchObject({
      verdict: 'passed',
      evidence: { subscriptions: { modern: ['orders'] } },
    })
    expect(await looks(['refunds'])(groupsKnown, source)).toMatchObject({
      reason: 'subscription',
      text: 'modern reads orders, which its app does not say it consumes, modern does not read refunds, which its app says it consumes',
    })
    const stranger = await modern(cluster.lab, 'stranger', { pattern: 'ref.*' })
    running.push(stranger)
    await until('Stable', 'stranger')
    expect(await looks()(groupsKnown, source)).toMatchObject({
      reason: 'unaccounted',
      text: expect.stringContaining('stranger (refunds)'),
    })
    await stranger.stop()
  }, 60_000)

  it('is not positioned while it lives, not even by who took it for dead, and stands where it stood', async () => {
    const look = looks()
    const before = await committed()
    for (const hooks of [{}, { describe: deadByClassicWord }]) {
      const does = doing(hooks)
      await expect(does.act(groupsPosition, atWaterline)).rejects.toMatchObject({ code: 'group-live' })
      await expect(does.act(groupsFollow)).rejects.toMatchObject({ code: 'group-live' })
    }
    expect(await committed()).toBe(before)
    expect(await look(positioned, { side: 'target' })).toMatchObject({ verdict: 'failed', reason: 'elsewhere' })
    expect(await look(followed)).toMatchObject({ verdict: 'failed', reason: 'elsewhere' })
    await send('d')
    await cluster.until(async () => (await committed()) === 4n)
    expect(await look(offsetsStill, source)).toMatchObject({ verdict: 'failed', reason: 'moved' })
    expect(await look(sealed, source)).toMatchObject({ verdict: 'failed' })
  }, 60_000)

  it('is empty when its consumer has left, then takes its position, and reads on from there when it is back', async () => {
    await running[0]!.stop()
    await until('Empty')
    const look = looks()
    expect(await look(groupsEmpty, source)).toMatchObject({ verdict: 'passed' })
    expect(await look(drained, source)).toMatchObject({ verdict: 'passed' })
    expect(await look(offsetsStill, source)).toMatchObject({ verdict: 'passed' })
    expect(await look(sealed, source)).toMatchObject({ verdict: 'passed' })
    expect(await sampled()).toMatchObject({ live: false })
    expect(await look(readFrom, { ...atWaterline, tier: 'dam' })).toMatchObject({ reason: 'no-members' })

    await doing().act(groupsFollow)
    expect(await look(followed)).toMatchObject({ verdict: 'passed' })
    expect(await look(readFrom, { ...atWaterline, tier: 'dam' })).toMatchObject({ reason: 'below' })
    await doing().act(groupsPosition, atWaterline)
    expect(await look(positioned, { side: 'target' })).toMatchObject({ verdict: 'passed' })

    const back = await modern(cluster.lab, group, { topic: 'orders' })
    running.push(back)
    await cluster.until(async () => (await look(readFrom, { ...atWaterline, tier: 'dam' })).verdict === 'passed')
    // The log is that of both its lives.
    await cluster.until(async () => (await back.processed()).join('') === 'abcdcd')
  }, 60_000)
})

/** What a naive client would go by. */
async function deadByClassicWord(groups: readonly string[]) {
  return groups.map((one) => ({ group: one, life: 'absent' as const, state: 'Dead', members: [] }))
}
