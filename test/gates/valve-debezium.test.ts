import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { debeziumJars } from '../../lab/kafka/artefacts.js'
import { createConnector } from '../../lab/kafka/connectors.js'
import { type Postgres, startPostgres } from '../../lab/postgres.js'
import type { Side } from '../../lab/types.js'
import { otherSide } from '../../src/gates/reading/valve.js'
import { type Road, startRoad } from './road.js'

const before = 40

describe("a valve that is Debezium's connector for PostgreSQL", () => {
  let folder: string
  let postgres: Postgres
  let road: Road
  let writer: ReturnType<typeof startWriter>
  let snapshot: number[]

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floodgate-debezium-'))
    const jars = await debeziumJars(() => undefined)
    ;[postgres, road] = await Promise.all([
      startPostgres({ folder, name: 'postgres' }),
      startRoad('3.9', '4', { rewindable: false, plugins: [jars] }),
    ])
    await road.createTopics()
    await postgres.sql('create table public.lines (id serial primary key, line text)')
    await postgres.sql(`insert into lines (line) select 'before ' || n from generate_series(1, ${before}) n`)
    writer = startWriter(postgres)
    await road.lab.startMirror(road.migration.topics)
    await createConnector(road.lab.connect.source.url, { name: 'valve', config: config(postgres), state: 'RUNNING' })
    await createConnector(road.lab.connect.target.url, { name: 'valve', config: config(postgres), state: 'STOPPED' })
    await road.passes('mirror-runs')
  }, 240_000)
  afterAll(async () => {
    await writer?.stop()
    await road?.stop()
    await postgres?.stop()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  /** What its topic holds, in no order. */
  async function changesOn(side: Side, from = new Map<number, bigint>()): Promise<Change[]> {
    const found: Change[] = []
    const ends = (await road.kafka[side].endOffsets(['intake'])).get('intake') ?? new Map<number, bigint>()
    const ranges = [...ends].map(([partition, to]) => ({
      topic: 'intake',
      partition,
      from: from.get(partition) ?? 0n,
      to,
    }))
    await road.kafka[side].scan(
      ranges.filter((range) => range.from < range.to),
      (range, batch) => {
        for (const { offset, value } of batch.control ? [] : batch.records())
          if (offset >= range.from) found.push(changeIn(value!))
      },
    )
    return found
  }
  /** On the source, and on the target above the waterline. */
  async function everywhere(): Promise<Change[]> {
    const { offsets } = road.facts.get('waterline') as { offsets: Record<string, string[]> }
    const waterline = new Map(offsets.intake!.map((offset, partition) => [partition, BigInt(offset)]))
    return [...(await changesOn('source')), ...(await changesOn('target', waterline))]
  }
  const arrivesOn = (side: Side, id: number) =>
    road.until(async () => (await changesOn(side)).some((change) => change.id === id))
  const holders = () => postgres.sql("select active from pg_replication_slots where slot_name = 'floodgate'")

  async function closeTheMirror() {
    await road.passes('caught-up', { records: 50, seconds: 30 })
    await road.act('mirror-stop')
    for (const gate of ['mirror-final', 'target-silent', 'waterline']) await road.passes(gate)
  }
  async function switchTheValve(to: Side) {
    await road.passes('valve-on', { side: otherSide(to) })
    await road.act('valve-close', { side: otherSide(to) })
    await road.passes('valve-closed', { side: otherSide(to) })
    expect(await holders()).toEqual(['f'])
    await road.act('valve-open', { side: to })
    await road.passes('valve-on', { side: to })
    await road.passes('no-resnapshot', { side: to })
    writer.goOn()
    await arrivesOn(to, await writer.next())
    expect(await holders()).toEqual(['t'])
  }

  it('is switched while rows are written: each row once over both clusters, and none is read anew', async () => {
    await arrivesOn('source', await writer.next())
    snapshot = snapshotIn(await changesOn('source'))
    expect(snapshot.length).toBeGreaterThanOrEqual(before)
    await closeTheMirror()
    await switchTheValve('target')
    const last = await writer.pause()
    await arrivesOn('target', last)
    expect(asIds(await everywhere())).toEqual(upTo(last))
    writer.goOn()
  }, 120_000)

  it('is given up after that: what was written in between is copied, each row stands once on the source', async () => {
    await writer.next()
    // Each call finds that it has been at work for long: it leaves what comes after its first piece to the next, and yet they come to an end.
    let asked = 0
    road.engine.clock = () => 10_000 * asked++
    await road.undo()
    expect(asked).toBeGreaterThan(0)
    road.engine.clock = () => performance.now()
    await road.passes('valve-on', { side: 'source' })
    await road.passes('mirror-runs')
    const last = await writer.pause()
    await arrivesOn('source', last)
    expect(asIds(await changesOn('source'))).toEqual(upTo(last))
    writer.goOn()
  }, 120_000)

  it('is switched again and rolled back: a transaction that was open all the while comes once too', async () => {
    await closeTheMirror()
    const open = startSession(postgres)
    const [early] = await open.say(`begin; ${insert}`)
    await switchTheValve('target')
    // The last that comes has a lower LSN and transaction id than what came before it.
    await arrivesOn('target', await writer.pause())
    await open.say('commit;')
    await open.stop()
    await arrivesOn('target', Number(early))
    const { offsets } = road.deps.connect(road.lab.connect.target.url)
    await road.until(async () => {
      const [stands] = await offsets('valve')
      return Number(stands?.offset?.lsn) < Number(stands?.offset?.lsn_commit)
    })
    await road.passes('no-resnapshot', { side: 'target' })
    await switchTheValve('source')
    const last = await writer.pause()
    await arrivesOn('source', last)
    const changes = await everywhere()
    expect(asIds(changes)).toEqual(upTo(last))
    expect(snapshotIn(changes)).toEqual(snapshot)
  }, 120_000)

  describe('before it is opened', () => {
    const topic = 'history.of.shop'
    /** With such a history the connector for PostgreSQL does nothing; those that need one keep it so. */
    const history = (side: Side) => ({
      'schema.history.internal.kafka.topic': topic,
      'schema.history.internal.kafka.bootstrap.servers': road.lab.clusters[side].bootstrap.join(),
    })
    const configure = async (side: Side, also: Record<string, string>) => {
      const answer = await fetch(`${road.lab.connect[side].url}/connectors/valve/config`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...config(postgres), ...also }),
      })
      expect(answer.status).toBe(200)
    }
    const enter = async (side: Side, ...values: string[]) => {
      const producer = road.clients[side].producer()
      await producer.connect()
      await producer.send({ topic, messages: values.map((value) => ({ value })) })
      await producer.disconnect()
    }
    const make = (side: Side) => road.kafka[side].createTopic({ topic, partitions: 1, replicas: 1, configs: {} })
    const look = () => road.measure('valve-config', { side: 'target' })

    it('must be set up to read on what the other reads', async () => {
      expect(await look()).toMatchObject({ verdict: 'passed' })
      await configure('target', { 'slot.name': 'another' })
      expect(await look()).toMatchObject({ verdict: 'failed', reason: 'slot' })
      const router = 'org.apache.kafka.connect.transforms.TimestampRouter'
      await configure('target', { 'skipped.operations': 'd', 'transforms.name.type': router })
      const { text } = await look()
      for (const said of ['it reads other rows: skipped.operations is d', `transforms.name.type is ${router}`])
        expect(text).toContain(said)
      await configure('target', { 'topic.prefix': 'store' })
      expect(await look()).toMatchObject({ verdict: 'failed', reason: 'name' })
    }, 60_000)

    it('must have the schema history that the other has, whole', async () => {
      await configure('source', history('source'))
      await configure('target', history('target'))
      await make('source')
      await enter('source', 'create table a', 'alter table a')
      expect(await look()).toMatchObject({ verdict: 'failed', reason: 'history-missing' })
      await make('target')
      await road.until(async () => (await look()).reason === 'history-empty')
      await enter('target', 'create table a')
      expect(await look()).toMatchObject({ verdict: 'failed', reason: 'history-behind' })
      await enter('target', 'alter table a')
      expect(await look()).toMatchObject({ verdict: 'passed', text: expect.stringContaining('is whole (2 entries)') })
    }, 60_000)
  })
})

interface Change {
  readonly id: number
  readonly op: string
}

const insert = "insert into lines (line) values ('later') returning id;"

/** Statements, one after the other, in one session. */
function startSession({ client: [command, ...args] }: Postgres) {
  const psql = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(psql.stdout)[Symbol.asyncIterator]()
  return {
    /** Resolves to the rows, once they are all there. */
    async say(statements: string): Promise<string[]> {
      psql.stdin.write(`${statements}\n\\echo done\n`)
      const rows: string[] = []
      for (;;) {
        const { value, done } = await lines.next()
        if (done) throw new Error(`psql ended: ${statements}`)
        if (value === 'done') return rows
        rows.push(value)
      }
    },
    async stop() {
      psql.stdin.end()
      if (psql.exitCode === null) await once(psql, 'exit')
    },
  }
}

/** A row about every 20 ms, in a transaction of its own, with ids that count up. */
function startWriter(postgres: Postgres) {
  const session = startSession(postgres)
  let last = 0
  let wanted = true
  let writing = write()
  async function write() {
    while (wanted) {
      last = Number((await session.say(insert))[0])
      await pause(20)
    }
  }
  return {
    /** A row that is written after this was asked for. */
    async next(): Promise<number> {
      const seen = last
      while (last === seen) await pause(20)
      return last
    },
    /** Resolves to the last row. */
    async pause(): Promise<number> {
      wanted = false
      await writing
      return last
    },
    goOn() {
      if (wanted) return
      wanted = true
      writing = write()
    },
    async stop() {
      await this.pause()
      await session.stop()
    },
  }
}

const byNumber = (a: number, b: number) => a - b
const asIds = (changes: readonly Change[]) => changes.map(({ id }) => id).sort(byNumber)
const snapshotIn = (changes: readonly Change[]) => asIds(changes.filter(({ op }) => op === 'r'))
const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1)

function changeIn(value: Buffer): Change {
  const { op, after } = JSON.parse(value.toString()) as { op: string; after: { id: number } }
  return { id: after.id, op }
}

function config({ port }: Postgres): Record<string, string> {
  const json = { converter: 'org.apache.kafka.connect.json.JsonConverter', 'converter.schemas.enable': 'false' }
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'database.hostname': '127.0.0.1',
    'database.port': `${port}`,
    'database.user': 'postgres',
    'database.password': 'any',
    'database.dbname': 'postgres',
    'plugin.name': 'pgoutput',
    'slot.name': 'floodgate',
    'slot.retry.delay.ms': '500',
    'topic.prefix': 'shop',
    'table.include.list': 'public.lines',
    transforms: 'name',
    'transforms.name.type': 'org.apache.kafka.connect.transforms.RegexRouter',
    'transforms.name.regex': '.*',
    'transforms.name.replacement': 'intake',
    ...Object.fromEntries(
      ['key', 'value'].flatMap((part) => Object.entries(json).map(([key, value]) => [`${part}.${key}`, value])),
    ),
  }
}
