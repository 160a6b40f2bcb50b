import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { createAuditing } from '../../src/auditing.js'
import { createEvidenceStore, createLogStore, keys } from '../../src/connect/redis/index.js'
import { audit as auditGate } from '../../src/gates/audit.js'
import { auditPartition, type PartitionPlan, planAudit } from '../../src/gates/reading/audit.js'
import { openAudits, workAudits } from '../../src/jobs/audit.js'
import { createLog } from '../../src/log/submit.js'
import type { Entry } from '../../src/run/events.js'
import type { State } from '../../src/run/state.js'
import type { Json } from '../../src/runbook/json.js'
import type { FactName } from '../../src/runbook/language.js'
import { auditLines } from '../../src/slack/messages/audit.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'
import { alice } from '../night.js'
import { startRedis } from '../redis.js'
import { createLooks, migrationOf } from './look.js'

// The mirror's part is played by writing to the target what MirrorMaker 2 would, or would wrongly, write there.
let source: TestCluster
let target: TestCluster
beforeAll(async () => {
  ;[source, target] = await Promise.all([testCluster('2.4'), testCluster('4')])
}, 120_000)
afterAll(() => Promise.all([source?.stop(), target?.stop()]), 60_000)

const begin = Date.UTC(2024, 0, 1, 10, 0, 0)
const minute = 60_000

interface Written {
  readonly key?: string | null
  readonly value: string | null
  readonly timestamp: number
  readonly headers?: Record<string, string>
}

/** One record every ten seconds, so six in a bucket. */
const orders = (count: number, from = 0): Written[] =>
  Array.from({ length: count }, (_, i) => ({
    key: `k${from + i}`,
    value: `order ${from + i}`,
    timestamp: begin + (from + i) * 10_000,
    headers: { trace: `${from + i}` },
  }))

async function write(cluster: TestCluster, topic: string, records: readonly Written[]) {
  const producer = cluster.app.producer()
  await producer.connect()
  const messages = records.map(({ key = null, timestamp, ...rest }) => ({ key, timestamp: `${timestamp}`, ...rest }))
  await producer.send({ topic, messages })
  await producer.disconnect()
}

async function audit(
  topic: string,
  { position, facts = {}, isolation }: { position?: number; facts?: Record<string, Json>; isolation?: string } = {},
) {
  const migration = migrationOf([topic], [{ name: 'app' }])
  const deps = mirrored(topic, position, isolation)
  const plan = await planAudit(deps, migration, [topic], async (name) => facts[name])
  const pace = { bytesPerSecond: 1e9, now: () => performance.now() }
  const found = await Promise.all(
    plan.partitions.map((one) => auditPartition(deps, JSON.parse(JSON.stringify(one)), pace)),
  )
  return { skipped: plan.topics[0]?.skipped, ...found[0] }
}

/** Both clusters, and a mirror that has read so far. */
function mirrored(topic: string, position?: number, isolation?: string) {
  const partition = { cluster: migrationOf([topic], [{ name: 'app' }]).mirror.alias.source, topic, partition: 0 }
  return {
    kafka: { source: source.kafka, target: target.kafka },
    connect: () => ({
      offsets: async () => (position === undefined ? [] : [{ partition, offset: { offset: position - 1 } }]),
      settings: async (): Promise<Record<string, string>> =>
        isolation ? { 'source.consumer.isolation.level': isolation } : {},
    }),
  }
}

async function topic(name: string, configs: { source?: Record<string, string>; target?: Record<string, string> } = {}) {
  await source.createTopic(name, 1, configs.source)
  await target.createTopic(name, 1, configs.target)
}

describe('an audit of the whole window', () => {
  it('finds nothing where nothing differs, whatever the order and the offsets', async () => {
    await topic('same')
    await write(source, 'same', orders(30))
    await write(target, 'same', [...orders(10, 20), ...orders(20)])
    expect(await audit('same', { position: 30 })).toMatchObject({
      records: { source: 30, target: 30 },
      buckets: [],
      differing: 0,
    })
  })

  it('names the minute and then each record that is missing, copied twice, altered or of nobody', async () => {
    await topic('wrong')
    await write(source, 'wrong', orders(30))
    const mirrored = orders(30)
    mirrored[8] = { ...mirrored[8]!, value: 'another value' }
    mirrored[9] = { ...mirrored[9]!, headers: { trace: 'another header' } }
    mirrored.splice(2, 1)
    await write(target, 'wrong', mirrored)
    // What a mirror delivers again after a hard end comes from a producer of its own.
    await write(target, 'wrong', [orders(30)[20]!, { key: 'x', value: 'of nobody', timestamp: begin + 4 * minute }])
    const found = await audit('wrong', { position: 30 })
    expect(found).toMatchObject({ records: { source: 30, target: 31 }, differing: 5 })
    expect(found.buckets).toEqual([0, 1, 3, 4].map((i) => ({ from: begin + i * minute, to: begin + (i + 1) * minute })))
    expect(found.differences).toEqual([
      { is: 'missing', source: '2', timestamp: begin + 20_000 },
      { is: 'altered', source: '8', target: '7', what: 'value', timestamp: begin + 80_000 },
      { is: 'altered', source: '9', target: '8', what: 'headers', timestamp: begin + 90_000 },
      { is: 'duplicated', source: '20', first: '19', copy: '29', by: 'unknown', timestamp: begin + 200_000 },
      { is: 'foreign', target: '30', producer: '-1', timestamp: begin + 4 * minute },
    ])
  })

  it('does not call missing what the mirror has not acknowledged yet, brought or not', async () => {
    await topic('flight')
    await write(source, 'flight', orders(30))
    await write(target, 'flight', orders(25))
    expect(await audit('flight', { position: 22 })).toMatchObject({ differing: 0, buckets: [] })
    expect(await audit('flight', { position: 27 })).toMatchObject({
      differing: 2,
      differences: [
        { is: 'missing', source: '25' },
        { is: 'missing', source: '26' },
      ],
    })
  })

  it('sees of transactions what the mirror sees, and an aborted record that was mirrored all the same', async () => {
    await topic('transactions')
    const producer = source.app.producer({ idempotent: true, transactionalId: 'audit', maxInFlightRequests: 1 })
    await producer.connect()
    const messages = orders(12).map(({ key, value, timestamp, headers }) => ({
      key: key ?? null,
      value,
      timestamp: `${timestamp}`,
      headers: headers!,
    }))
    for (const [i, end] of (['commit', 'abort', 'commit'] as const).entries()) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: 'transactions', messages: messages.slice(i * 4, i * 4 + 4) })
      await transaction[end]()
    }
    await producer.disconnect()
    await source.until(
      async () => (await source.kafka.endOffsets(['transactions'])).get('transactions')?.get(0) === 15n,
    )
    const committed = [...orders(4), ...orders(4, 8)]
    await write(target, 'transactions', committed)
    expect(await audit('transactions', { position: 15, isolation: 'read_committed' })).toMatchObject({
      records: { source: 8, target: 8 },
      differing: 0,
    })
    await write(target, 'transactions', [orders(1, 5)[0]!])
    expect(await audit('transactions', { position: 15, isolation: 'read_committed' })).toMatchObject({
      differing: 1,
      differences: [{ is: 'foreign', target: '8' }],
    })
  })

  it('does not count what retention took on one side against the other', async () => {
    await topic('short')
    await write(source, 'short', orders(30))
    await write(target, 'short', orders(30))
    const admin = source.app.admin()
    await admin.connect()
    await admin.fetchTopicOffsets('short')
    await admin.deleteTopicRecords({ topic: 'short', partitions: [{ partition: 0, offset: '9' }] })
    await admin.disconnect()
    expect(await audit('short', { position: 30 })).toMatchObject({ records: { source: 21 }, differing: 0 })
  })

  it('compares without time where the target sets its own', async () => {
    await topic('timed', { target: { 'message.timestamp.type': 'LogAppendTime' } })
    await write(source, 'timed', orders(30))
    await write(target, 'timed', orders(30))
    expect(await audit('timed', { position: 30 })).toMatchObject({ differing: 0 })
    await write(target, 'timed', [orders(1, 3)[0]!])
    expect(await audit('timed', { position: 30 })).toMatchObject({
      buckets: [null],
      differences: [{ is: 'duplicated', source: '3', first: '3', copy: '30' }],
    })
  })

  it('leaves out compacted topics and says so, and what was born on the target', async () => {
    await topic('table', { source: { 'cleanup.policy': 'compact' } })
    expect((await audit('table')).skipped).toContain('compacted')

    await topic('born')
    await write(source, 'born', orders(10))
    await write(target, 'born', orders(13))
    expect(await audit('born', { position: 10 })).toMatchObject({ differing: 3 })
    const waterline = { at: 5, offsets: { born: ['10'] }, leftBehind: {} }
    expect(await audit('born', { position: 10, facts: { waterline } })).toMatchObject({ differing: 0 })
    // Once the mirror runs again, what was born is told apart by the orphans alone.
    const ranges = [{ topic: 'born', partition: 0, from: '10', to: '12', records: 2 }]
    const orphans = { at: 6, mirrorStartedAt: 6, ranges }
    expect(await audit('born', { position: 10, facts: { waterline, orphans } })).toMatchObject({
      differing: 1,
      differences: [{ is: 'foreign', target: '12' }],
    })
  })
})

describe('the gate of the audit', () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())

  it('holds once an audit by two replicas has found nothing, and else names what to type, or the minute and the records', async () => {
    await topic('asked')
    await topic('kept')
    await write(source, 'asked', orders(30))
    await write(target, 'asked', orders(29))
    await write(source, 'kept', orders(5))
    await write(target, 'kept', orders(5))
    const clients = mirrored('asked', 30)
    const migration = migrationOf(['asked', 'kept'], [{ name: 'app' }])

    const key = keys('gate')
    const connection = () => new Redis(server.url, { maxRetriesPerRequest: null })
    const redis = connection()
    const log = createLog(createLogStore<Entry>(redis, key.log), () => {})
    const evidence = createEvidenceStore(redis, key.evidence)
    const fact = async (state: State, name: FactName): Promise<Json | undefined> => {
      const ref = state.facts[name]
      const content = ref && (await evidence.get(ref.digest))
      return content ? (JSON.parse(content) as Json) : undefined
    }
    let posted: readonly string[] = []
    const replicas = ['one', 'two'].map((replica) => {
      const queue = openAudits<PartitionPlan>(connection, key.prefix)
      const auditing = createAuditing({
        log,
        stores: { evidence, fact },
        clients,
        migration,
        replica,
        queue,
        post: async (result) => {
          posted = auditLines(result)
        },
      })
      return { queue, ...auditing, workers: workAudits(connection, key.prefix, auditing.work, () => undefined) }
    })
    const facts = new Map<string, Json>()
    const look = createLooks({}, migration, facts)
    const ask = async (one: string | null) => {
      posted = []
      await log.submit({ by: alice, roles: [], do: 'audit', topic: one })
      await Promise.all(replicas.map(({ round }) => round()))
      await source.until(async () => posted.length > 0)
      const { state } = await log.load()
      expect(state.audit).toBeNull()
      facts.set('audit', (await fact(state, 'audit'))!)
      return look(auditGate)
    }

    expect(await look(auditGate)).toMatchObject({
      verdict: 'inconclusive',
      text: 'asked, kept have not been audited in the last 24 h: type /migrate audit',
    })
    const wrong = await ask(null)
    expect(wrong).toMatchObject({ verdict: 'failed', reason: 'differs' })
    expect(wrong.text).toContain(
      '1 record of asked differs: asked-0: 1 record of 2024-01-01 10:04 UTC to 2024-01-01 10:05 UTC, asked-0: source offset 29 is missing on the target.',
    )
    expect(posted).toContain('asked-0: source offset 29 is missing on the target')

    await write(target, 'asked', orders(1, 29))
    // What is known of the other topic stands: only what was mended is compared again.
    expect(await ask('asked')).toMatchObject({
      verdict: 'passed',
      text: expect.stringMatching(
        /^35 records of the source and 35 of the target were compared, up to the log ends of then, .* ago: none is missing, doubled or altered$/,
      ),
    })
    // From the moment that the mirror has ended, an audit from before does not reach to the waterline.
    facts.set('waterline', { at: Date.now(), offsets: { asked: ['30'], kept: ['5'] }, leftBehind: {} })
    expect(await look(auditGate)).toMatchObject({
      verdict: 'inconclusive',
      text: expect.stringMatching(/not been audited since the mirror ended at .*: type \/migrate audit$/),
    })
    expect(await ask(null)).toMatchObject({ verdict: 'passed', text: expect.stringContaining('up to the waterline') })

    await Promise.all(replicas.flatMap(({ queue, workers }) => [queue.stop(), workers.stop()]))
    redis.disconnect()
  })
})
