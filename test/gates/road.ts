import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Consumer, Kafka, logLevel } from 'kafkajs'
import { mirrorNames, startKafka } from '../../lab/kafka/index.js'
import { waitFor } from '../../lab/readiness.js'
import type { KafkaVersion, Side } from '../../lab/types.js'
import { actions } from '../../src/actions/index.js'
import { type App, type Migration, migrationSchema } from '../../src/config/migration.js'
import { createKafka } from '../../src/connect/kafka/kafka.js'
import { createKafkaConnect, type KafkaConnect } from '../../src/connect/kafka-connect/kafka-connect.js'
import { createOlderConnect } from '../../src/connect/kafka-connect/older-connect.js'
import { gates } from '../../src/gates/index.js'
import type { Json } from '../../src/runbook/json.js'
import type { Effect, Facts, Measured } from '../../src/runbook/language.js'

/** Two real clusters with mirror and valve, a little traffic whose every record is counted, and gates and actions by their names. */
export type Road = Awaited<ReturnType<typeof startRoad>>

const topics = ['orders', 'payments', 'intake']
const groups = { billing: ['orders', 'payments'], gather: ['intake'] }

/** What a test has besides: apps of one group each, whose consumer is the test itself, and topics that are state. */
interface Also {
  readonly apps?: readonly (Partial<App> & { readonly name: string })[]
  readonly compacted?: readonly string[]
  /** Whether the valve is taken for one that can read again; it reads a file. */
  readonly rewindable?: boolean
  /** Folders of jars for the Connect workers. */
  readonly plugins?: readonly string[]
  /** Versions of the Connect workers; of older ones than 3.6 the migration names the topic of their offsets. */
  readonly connect?: Readonly<Record<Side, '2.8' | '3.9'>>
  readonly commitEveryMs?: number
}

export async function startRoad(source: KafkaVersion, target: KafkaVersion, also: Also = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'floodgate-road-'))
  const { plugins = [], connect, commitEveryMs } = also
  const workers = { plugins, ...(connect ? { connect } : {}), ...(commitEveryMs ? { commitEveryMs } : {}) }
  const lab = await startKafka({ folder, source, target, brokers: 1, ...workers }, () => undefined)
  const clients = { source: client(lab.clusters.source.bootstrap), target: client(lab.clusters.target.bootstrap) }
  const kafka = {
    source: createKafka({ bootstrap: lab.clusters.source.bootstrap, clientId: 'floodgate' }),
    target: createKafka({ bootstrap: lab.clusters.target.bootstrap, clientId: 'floodgate' }),
  }
  const file = join(folder, 'intake.txt')
  await writeFile(file, '')
  const migration = describe(lab.connect.source.url, lab.connect.target.url, also)

  const facts = new Map<string, Json>()
  const remember = (given: Facts | undefined) => {
    for (const [name, value] of Object.entries(given ?? {})) facts.set(name, value!)
  }
  /** What the engine hands in: its word right before a change, and its clock; a test may say something else. */
  const engine = { stillMine: async () => {}, clock: () => performance.now() }
  const connectOf = (url: string): KafkaConnect => {
    const side = url === lab.connect.source.url ? 'source' : 'target'
    return connect?.[side] === '2.8' ? createOlderConnect(url, offsetsOf(side), kafka[side]) : createKafkaConnect(url)
  }
  const deps = { kafka, connect: connectOf, clock: () => engine.clock() }
  const fact = async (name: string) => facts.get(name)

  const look = (last: Json | undefined) => ({
    now: Date.now(),
    since: 0,
    last,
    migration,
    fact,
    alerts: [],
    answers: [],
  })
  const measure = async (name: string, args: Json = {}, last?: Json): Promise<Measured> => {
    const gate = gates.get(name)!
    const found = await gate.measure(deps as never, gate.args.parse(args), look(last))
    if (found.verdict === 'passed') remember(found.facts)
    return found
  }
  const performed: Effect[] = []
  const context = () => ({ now: Date.now(), migration, fact, stillMine: () => engine.stillMine() })
  const perform = async (effect: Effect) => {
    for (;;) {
      const done = await actions.get(effect.action)!.perform(deps as never, effect, context())
      remember(done.facts)
      if (!done.more) return done.text
    }
  }

  return {
    folder,
    lab,
    kafka,
    clients,
    migration,
    facts,
    deps,
    engine,
    measure,
    perform,
    /** Looks again, with what it remembers, until the gate passes. */
    async passes(name: string, args: Json = {}, withinMs = 30_000): Promise<Measured> {
      const deadline = Date.now() + withinMs
      let last: Json | undefined
      for (;;) {
        const found = await measure(name, args, last)
        if (found.verdict === 'passed') return found
        if (Date.now() > deadline) throw new Error(`${name} ${JSON.stringify(args)}: ${found.verdict}: ${found.text}`)
        last = found.evidence
        await pause(200)
      }
    },
    async plan(name: string, args: Json = {}): Promise<readonly Effect[]> {
      const action = actions.get(name)!
      const plan = await action.plan(deps as never, action.args.parse(args), context())
      remember(plan.facts)
      return plan.effects
    },
    async act(name: string, args: Json = {}): Promise<string[]> {
      const texts: string[] = []
      for (const effect of await this.plan(name, args)) {
        texts.push(await perform(effect))
        performed.push(effect)
      }
      return texts
    },
    /** Everything performed so far inverted, in reverse, as the engine rolls back before the pivot; what throws is the first of the next call. */
    async undo(): Promise<string[]> {
      const texts: string[] = []
      for (let last = performed.at(-1); last; last = performed.at(-1)) {
        const { before, after, ...effect } = last
        texts.push(await perform({ ...effect, before: after, after: before }))
        performed.pop()
      }
      return texts
    },
    async createTopics() {
      for (const side of ['source', 'target'] as const) {
        const admin = clients[side].admin()
        await admin.connect()
        await admin.createTopics({
          topics: migration.topics.map((topic) => ({
            topic,
            numPartitions: 3,
            configEntries: also.compacted?.includes(topic) ? [{ name: 'cleanup.policy', value: 'compact' }] : [],
          })),
          waitForLeaders: false,
        })
        await admin.disconnect()
        await this.until(() =>
          kafka[side].endOffsets(migration.topics).then(
            () => true,
            () => false,
          ),
        )
      }
    },
    async startMirrorAndValve() {
      await lab.startMirror(migration.topics)
      await lab.startValve({ connector: 'valve', file, topic: 'intake' })
    },
    async until(holds: () => Promise<boolean>) {
      if (!(await waitFor(async () => (await holds()) || undefined, 20_000)))
        throw new Error('it did not come true within 20 s')
    },
    /** A line counts as acked once it is in the file, and the valve takes its time to bring it in: gives it that time, and no verdict. */
    settles: (books: Books) => waitFor(async () => books.lost().length === 0 || undefined, 20_000),
    writeLine: (line: string) => appendFile(file, `${line}\n`),
    async stop() {
      await Promise.all([kafka.source.close(), kafka.target.close()])
      await lab.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Where the lab's worker keeps the offsets of its connectors. */
export const offsetsOf = (side: Side) => `connect-${side}-offsets.internal`

/** What was acknowledged and how often each of it was processed, whatever the side. */
export function createBooks() {
  const acked = new Set<string>()
  const processed = new Map<string, number>()
  return {
    acked,
    process: (value: string) => processed.set(value, (processed.get(value) ?? 0) + 1),
    has: (value: string) => processed.has(value),
    lost: () => [...acked].filter((value) => !processed.has(value)),
    repeated: () => [...processed].filter(([, times]) => times > 1).map(([value]) => value),
  }
}
export type Books = ReturnType<typeof createBooks>

/** Plain and transactional producers, committed and aborted, that write numbered records until they are stopped. */
export async function startProducers(
  road: Road,
  side: Side,
  books: Books,
  run: string,
): Promise<{ stop(): Promise<void> }> {
  const plain = road.clients[side].producer()
  const exact = road.clients[side].producer({ transactionalId: 'payments', idempotent: true, maxInFlightRequests: 1 })
  await Promise.all([plain.connect(), exact.connect()])
  let stopping = false
  const writing = (async () => {
    for (let n = 0; !stopping; n++) {
      const order = `${run}-order-${n}`
      await plain.send({
        topic: 'orders',
        messages: [{ key: `k${n % 7}`, value: order, headers: { b: '2', a: ['1', '3'] } }],
      })
      books.acked.add(order)
      const payment = `${run}-payment-${n}`
      const transaction = await exact.transaction()
      await transaction.send({
        topic: 'payments',
        messages: [{ key: `k${n % 5}`, value: n % 4 === 3 ? `aborted-${payment}` : payment }],
      })
      if (n % 4 === 3) await transaction.abort()
      else {
        await transaction.commit()
        books.acked.add(payment)
      }
      const line = `${run}-line-${n}`
      if (n % 3 === 0) {
        await road.writeLine(line)
        books.acked.add(line)
      }
      await pause(20)
    }
  })()
  return {
    async stop() {
      stopping = true
      await writing
      await Promise.all([plain.disconnect(), exact.disconnect()])
    },
  }
}

export async function startConsumers(road: Road, side: Side, books: Books): Promise<{ stop(): Promise<void> }> {
  const consumers: Consumer[] = []
  for (const [groupId, of] of Object.entries(groups)) {
    const consumer = road.clients[side].consumer({ groupId, maxWaitTimeInMs: 100 })
    await consumer.connect()
    await consumer.subscribe({ topics: of, fromBeginning: true })
    await consumer.run({
      autoCommitThreshold: 1,
      eachMessage: async ({ message }) => {
        books.process(message.value!.toString())
      },
    })
    consumers.push(consumer)
  }
  return { stop: async () => void (await Promise.all(consumers.map((consumer) => consumer.disconnect()))) }
}

function client(brokers: string[]): Kafka {
  return new Kafka({ brokers, clientId: 'shop', logLevel: logLevel.NOTHING })
}

function describe(source: string, target: string, also: Also): Migration {
  const side = (name: string) => ({
    kafka: { bootstrap: ['127.0.0.1:1'] },
    kubernetes: { context: name, namespace: name },
  })
  const named = (on: Side) => (also.connect?.[on] === '2.8' ? { offsets: offsetsOf(on) } : {})
  const app = { tier: 'downstream', settle: 500, isolation: 'read_committed' }
  return migrationSchema.parse({
    migration: 'road',
    channel: 'C1',
    sides: { source: side('source'), target: side('target') },
    mirror: { url: target, source: mirrorNames.source, checkpoint: mirrorNames.checkpoint },
    valve: {
      kind: 'connect',
      source: { url: source, connector: 'valve', ...named('source') },
      target: { url: target, connector: 'valve', ...named('target') },
      topics: ['intake'],
      rewindable: also.rewindable ?? true,
    },
    topics: [...topics, ...(also.compacted ?? [])],
    apps: [
      { name: 'shop', tier: 'upstream', workload: 'Deployment/shop', produces: ['orders', 'payments'] },
      { ...app, name: 'billing', workload: 'Deployment/billing', group: 'billing', consumes: groups.billing },
      { ...app, name: 'gather', tier: 'dam', workload: 'Deployment/gather', group: 'gather', consumes: groups.gather },
      ...(also.apps ?? []).map((one) => ({ ...app, workload: `Deployment/${one.name}`, group: one.name, ...one })),
    ],
    roles: { operators: { people: [] } },
    policies: { operators: { role: 'operators' } },
  })
}

/** The lines of the valve's file as they stand in its topic on a side, sorted. */
export async function linesOn(road: Road, side: Side): Promise<string[]> {
  const found: string[] = []
  const ends = (await road.kafka[side].endOffsets(['intake'])).get('intake') ?? new Map<number, bigint>()
  const ranges = [...ends].map(([partition, to]) => ({ topic: 'intake', partition, from: 0n, to }))
  await road.kafka[side].scan(ranges, (_, batch) => {
    if (!batch.control) found.push(...batch.records().map(({ value }) => value!.toString()))
  })
  return found.sort()
}
