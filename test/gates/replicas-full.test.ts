import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kafka as App, logLevel, type Producer } from 'kafkajs'
import { kafkaJars } from '../../lab/kafka/artefacts.js'
import { type Cluster, startCluster } from '../../lab/kafka/cluster.js'
import { waitFor } from '../../lab/readiness.js'
import { createKafka, type Kafka } from '../../src/connect/kafka/kafka.js'
import type { Offsets } from '../../src/connect/kafka/types.js'
import { caughtUp } from '../../src/gates/caught-up.js'
import { drained } from '../../src/gates/drained.js'
import { groupsEmpty } from '../../src/gates/groups-empty.js'
import { leftBehindHarmless } from '../../src/gates/left-behind-harmless.js'
import { mirrorFinal } from '../../src/gates/mirror-final.js'
import { noWrites } from '../../src/gates/no-writes.js'
import { offsetsStill } from '../../src/gates/offsets-still.js'
import { oneSideWrites } from '../../src/gates/one-side-writes.js'
import { orphansNamed } from '../../src/gates/orphans-named.js'
import { positioned } from '../../src/gates/positioned.js'
import { replicasFull } from '../../src/gates/replicas-full.js'
import { sealed } from '../../src/gates/sealed.js'
import { tailsEqual } from '../../src/gates/tails-equal.js'
import { targetSilent } from '../../src/gates/target-silent.js'
import { topicsParity } from '../../src/gates/topics-parity.js'
import { waterline } from '../../src/gates/waterline.js'
import { toJson } from '../../src/proof/offsets.js'
import type { Json } from '../../src/runbook/json.js'
import type { Measured } from '../../src/runbook/language.js'
import { createLooks, migrationOf } from './look.js'

const side = { side: 'source' } as const
const bound = { records: 0, seconds: 0 }

/** One cluster stands for both sides: no mirror can bring more of it than readers of it see. */
describe('three brokers, every record on each of them', () => {
  let folder: string
  let cluster: Cluster
  let kafka: Kafka
  /** Connected, and knows all leaders: while a broker is silent nothing else of a test may have to ask it. */
  let producer: Producer

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floodgate-replicas-'))
    const jars = { folder: await kafkaJars('3.9', () => undefined), recording: false }
    // Long enough to look at a broker that is silent and still counts as in sync.
    const settings = { 'broker.session.timeout.ms': 12_000 }
    cluster = await startCluster(
      { folder, side: 'source', version: '3.9', brokers: 3, jars, settings },
      () => undefined,
    )
    kafka = clientOf(20_000)
    for (const [topic, partitions, replicas] of [
      ['payments', 1, 3],
      ['orders', 6, 3],
      ['lonely', 6, 1],
    ] as const)
      await kafka.createTopic({ topic, partitions, replicas, configs: {} })
    const one = { kafka: { source: kafka, target: kafka } }
    const look = createLooks(one, migrationOf(['orders'], [{ name: 'reader' }]))
    expect(await until(() => look(replicasFull), 'passed')).toBeDefined()
    producer = new App({ brokers: cluster.bootstrap, logLevel: logLevel.NOTHING }).producer()
    await producer.connect()
    for (const topic of ['payments', 'orders', 'lonely'])
      await producer.send({ topic, messages: Array.from({ length: 60 }, (_, i) => ({ value: String(i) })) })
  }, 120_000)
  afterAll(async () => {
    for (const broker of cluster?.brokers ?? []) broker.resume()
    await producer?.disconnect()
    await kafka?.close()
    await cluster?.stop()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  function clientOf(callWithinMs: number) {
    const within = { requestWithinMs: 2000, scanWithinMs: 1000, callWithinMs }
    return createKafka({ bootstrap: cluster.bootstrap, clientId: 'floodgate', ...within })
  }

  /** As of now all is drained, nothing lies above the waterline, and nobody has written since the last look. */
  async function looksOf(of: readonly string[] = ['payments'], source: Kafka = kafka) {
    const seen = async () => Promise.reject(new Error('no Kubernetes here'))
    const stopped = { status: async () => ({ state: 'STOPPED', tasks: [] }), settings: async () => ({}) }
    const deps = {
      kafka: { source, target: source },
      connect: () => ({ ...stopped, offsets: async () => [] }),
      workloads: { source: { seen }, target: { seen } },
    }
    const ends = await kafka.endOffsets(of)
    await kafka.commit('g', ends)
    const facts = new Map<string, Json>([
      ['waterline', { at: 1, offsets: toJson(ends), leftBehind: {} }],
      ['certificate', { side: 'source', source: { at: 1, ends: toJson(ends), commits: { g: toJson(ends) } } }],
    ])
    const app = { name: 'reader', group: 'g', consumes: [...of], produces: [...of] }
    const look = createLooks(deps, migrationOf(of, [app]), facts)
    await look(noWrites, side)
    await look(oneSideWrites, {}, 1)
    return look
  }

  type Looks = Awaited<ReturnType<typeof looksOf>>
  /** What reads the logs up to their ends. */
  const reading: readonly ((look: Looks) => Promise<Measured>)[] = [
    (look) => look(tailsEqual, { records: 100 }),
    (look) => look(caughtUp, bound),
    (look) => look(targetSilent, { records: 100 }),
    (look) => look(waterline),
    (look) => look(drained, side),
    (look) => look(sealed, side),
    (look) => look(noWrites, side),
    (look) => look(oneSideWrites, {}, 2),
    (look) => look(orphansNamed),
  ]

  function until(look: () => Promise<Measured>, verdict: Measured['verdict']) {
    return waitFor(async () => {
      const found = await look()
      return found.verdict === verdict ? found : undefined
    }, 30_000)
  }

  /** Who leads payments-0, who coordinates the group, and who does neither. */
  async function rolesOf() {
    const { brokers, topics } = await kafka.state(['payments', '__consumer_offsets'])
    const leaderOf = (topic: string) => topics.get(topic)![0]!.leader
    const [leader, coordinator] = [leaderOf('payments'), leaderOf('__consumer_offsets')]
    const addressOf = (id: number) => brokers.get(id)!
    const follower = topics.get('payments')![0]!.isr.find((id) => id !== leader && id !== coordinator)!
    return { leader: addressOf(leader), coordinator: addressOf(coordinator), follower: addressOf(follower) }
  }
  const brokerAt = (address: string) => cluster.brokers[cluster.bootstrap.indexOf(address)]!
  const endOf = (offsets: Offsets) => offsets.get('payments')!.get(0)!

  it('hide what was acknowledged while a follower is silent, and no gate takes that for the end', async () => {
    const look = await looksOf()
    for (const measure of reading) expect(await measure(look)).toMatchObject({ verdict: 'passed' })
    const { follower } = await rolesOf()
    const before = endOf(await kafka.endOffsets(['payments']))

    brokerAt(follower).pause()
    try {
      const messages = Array.from({ length: 5 }, () => ({ partition: 0, value: 'acknowledged' }))
      await producer.send({ topic: 'payments', acks: 1, messages })
      const [full, visible, ends] = await Promise.all([
        look(replicasFull),
        kafka.stableOffsets(['payments']),
        kafka.endOffsets(['payments']),
      ])
      // It still counts as in sync, so replicas-full cannot tell; every reader sees an end at which nothing seems to have come.
      expect(full).toMatchObject({ verdict: 'passed' })
      expect(endOf(visible)).toBe(before)
      expect(endOf(ends)).toBe(before + 5n)
      // A broker answers a connection one thing after the other, and holds each read for half a second: not all at once.
      for (const at of [0, 3, 6])
        for (const one of await Promise.all(reading.slice(at, at + 3).map((measure) => measure(look)))) {
          expect(one).toMatchObject({ verdict: 'inconclusive', reason: 'unreadable' })
          expect(one.text).toMatch(new RegExp(`payments-0: .* from offset ${before} on .*${follower}`))
        }
    } finally {
      brokerAt(follower).resume()
    }
    expect(await until(() => look(tailsEqual, { records: 100 }), 'passed')).toBeDefined()
    expect(await look(caughtUp, bound)).toMatchObject({ verdict: 'passed' })
    expect(await look(drained, side)).toMatchObject({
      verdict: 'failed',
      text: expect.stringContaining('g 5 records (most in payments-0'),
    })
  }, 60_000)

  it.each([
    { gate: 'tails-equal', measure: reading[0]! },
    { gate: 'caught-up', measure: reading[1]! },
  ])(
    'name the leader that falls silent in the middle of $gate, which passes when it answers again',
    async ({ measure }) => {
      const { leader } = await rolesOf()
      const scan: Kafka['scan'] = async (...args) => {
        brokerAt(leader).pause()
        return kafka.scan(...args)
      }
      const look = await looksOf(['payments'], { ...kafka, scan })
      try {
        expect(await measure(look)).toMatchObject({
          verdict: 'inconclusive',
          reason: 'unreadable',
          text: expect.stringContaining(`broker ${leader} did not answer in time`),
        })
      } finally {
        brokerAt(leader).resume()
      }
      const again = await looksOf()
      expect(await until(() => measure(again), 'passed')).toBeDefined()
    },
    60_000,
  )

  it('let no gate pass whose leader or coordinator is silent, unless any other broker can say the same', async () => {
    const look = await looksOf()
    const { leader, coordinator } = await rolesOf()
    const silent = new Set([leader, coordinator])
    for (const address of silent) brokerAt(address).pause()
    try {
      const [harmless, ...found] = await Promise.all([
        look(leftBehindHarmless),
        ...reading.map((one) => one(look)),
        look(mirrorFinal),
        look(positioned, side),
        look(offsetsStill, side),
        look(groupsEmpty, side),
        look(topicsParity),
      ])
      expect(harmless).toMatchObject({ verdict: 'passed' })
      for (const one of found) {
        expect(one).toMatchObject({ verdict: 'inconclusive', reason: 'unreadable' })
        expect([...silent].some((address) => one.text.includes(`${address} did not answer in time`))).toBe(true)
      }
    } finally {
      for (const address of silent) brokerAt(address).resume()
    }
    expect(await until(() => look(tailsEqual, { records: 100 }), 'passed')).toBeDefined()
    expect(await until(() => look(groupsEmpty, side), 'passed')).toBeDefined()
  }, 60_000)

  it('are under-replicated when one is lost, and still answer from the leaders that took over', async () => {
    const before = await kafka.endOffsets(['orders'])
    const hasty = clientOf(1000)
    const apart = await looksOf(['payments', 'lonely'], hasty)
    const look = await looksOf()
    await cluster.brokers[2]!.kill()
    // Leaders of the lost broker are looked up anew and asked again, within the call.
    expect(await kafka.endOffsets(['orders'])).toEqual(before)
    const found = await until(() => look(replicasFull), 'failed')
    expect(found?.text).toMatch(/without a leader: source lonely-\d.*replicas that are not in sync/)
    const earlier = (await kafka.committed(['g'])).get('g')!
    await kafka.commit('g', before)
    expect((await kafka.committed(['g'])).get('g')).toEqual(new Map([...earlier, ...before]))

    // What had no other replica has no leader now: that is no end of anything.
    const leaderless = [...reading.map((one) => one(apart)), apart(mirrorFinal), apart(positioned, side)]
    for (const one of await Promise.all(leaderless))
      expect(one).toMatchObject({ verdict: 'inconclusive', text: expect.stringMatching(/lonely-\d has no leader/) })
    expect(await look(tailsEqual, { records: 100 })).toMatchObject({ verdict: 'passed' })
    await hasty.close()
  }, 60_000)
})
