import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import { type KafkaLab, mirrorNames, startKafka } from '../../lab/kafka/index.js'
import { waitFor } from '../../lab/readiness.js'
import { createKafka, type Kafka as Wrapped } from '../../src/connect/kafka/kafka.js'
import { createKafkaConnect } from '../../src/connect/kafka-connect/kafka-connect.js'
import { mirrorEta } from '../../src/gates/mirror-eta.js'
import { retentionRace } from '../../src/gates/retention-race.js'
import { createWatch } from '../../src/jobs/watch.js'
import { bytesPerSecond, etaOf, sayBytes } from '../../src/proof/eta.js'
import { raceOf, untilTakenBySize } from '../../src/proof/race.js'
import type { Measured } from '../../src/runbook/language.js'
import { pairsOfTheHour } from '../pairs.js'
import { createLooks, migrationOf } from './look.js'

const retentionMs = 60_000

describe.each(pairsOfTheHour)('a mirror from %s to %s', (from, to) => {
  let folder: string
  let lab: KafkaLab
  let kafka: Record<'source' | 'target', Wrapped>
  const topics = ['raced', 'calm']

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floodgate-progress-'))
    lab = await startKafka({ folder, source: from, target: to, brokers: 1 }, () => undefined)
    const client = (side: 'source' | 'target') =>
      createKafka({ bootstrap: lab.clusters[side].bootstrap, clientId: 'floodgate' })
    kafka = { source: client('source'), target: client('target') }
    const make = (topic: string, configs: Record<string, string>) =>
      kafka.source.createTopic({ topic, partitions: 1, replicas: 1, configs })
    await make('raced', { 'retention.ms': String(retentionMs), 'segment.ms': '1000' })
    await make('calm', {})
    await write('calm', 500)
  }, 240_000)
  afterAll(async () => {
    await Promise.all([kafka?.source.close(), kafka?.target.close()])
    await lab?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function write(topic: string, count: number, timestamp = Date.now()) {
    const app = new Kafka({
      brokers: lab.clusters.source.bootstrap,
      logLevel: logLevel.NOTHING,
      retry: { retries: 10 },
    })
    const producer = app.producer()
    await producer.connect()
    const value = 'x'.repeat(100)
    await producer.send({
      topic,
      messages: Array.from({ length: count }, () => ({ value, timestamp: `${timestamp}` })),
    })
    await producer.disconnect()
  }

  const migrationOfMirror = () => {
    const migration = migrationOf(topics, [{ name: 'app', group: 'g', consumes: topics }])
    return { ...migration, mirror: { ...migration.mirror, url: lab.connect.target.url, source: mirrorNames.source } }
  }
  const looks = () => createLooks({ kafka, connect: createKafkaConnect }, migrationOfMirror())
  /** The mirror stands still, and is taken for one that runs but does not get on. */
  async function watchWhileRunning() {
    const connect = (url: string) => ({
      ...createKafkaConnect(url),
      status: async () => ({ state: 'RUNNING', tasks: [] }),
    })
    const watch = createWatch({ race: retentionRace, gateDeps: { kafka, connect }, migration: migrationOfMirror() })
    let now = Date.now()
    return async () => {
      now = Math.max(now + 60_001, Date.now())
      return watch('source', now)
    }
  }
  const until = async (what: string, look: () => Promise<Measured>, holds: (found: Measured) => boolean) => {
    let last: Measured | undefined
    const found = await waitFor(
      async () => {
        last = await look()
        return holds(last) || undefined
      },
      60_000,
      500,
    )
    if (!found) throw new Error(`${what}: ${JSON.stringify(last)}`)
    return last!
  }

  it('that has not begun is told by the size of the data, and loses no race', async () => {
    const look = looks()
    expect(await look(mirrorEta)).toMatchObject({ verdict: 'inconclusive' })
    const { text, verdict } = await look(mirrorEta, { speed: '1 kB/s' }, Date.now() + 5000)
    expect(verdict).toBe('passed')
    // 500 records of 100 bytes and their frames, at 1 kB/s.
    expect(text).toMatch(/Before it has begun: 500 records \(5\d\.\d KiB\) .* caught up in about (5\d s|1 min)/)
    expect(await look(retentionRace)).toMatchObject({ verdict: 'passed', evidence: { unbegun: 1 } })
  })

  it('that keeps up is not behind, and nothing is at risk', async () => {
    await lab.startMirror(topics)
    // Older than what follows: retention takes a log from its beginning on, so a younger record there would keep all behind it.
    await write('raced', 5, Date.now() - retentionMs + 15_000)
    const look = looks()
    await until(
      'keeping up',
      () => look(mirrorEta),
      ({ text }) => text.includes('keeps up'),
    )
    const behind = (found: Measured) =>
      found.verdict === 'passed' && (found.evidence as { behind: number }).behind === 0
    await until('no race', () => look(retentionRace, { ahead: '10s' }), behind)
  }, 90_000)

  it('that stands still sees the race before it is lost, and afterwards what was lost, which never arrives', async () => {
    const worker = createKafkaConnect(lab.connect.target.url)
    await worker.stop(mirrorNames.source)
    const atRest = async () => {
      const status = await worker.status(mirrorNames.source)
      return status?.state === 'STOPPED' && status.tasks.length === 0 ? true : undefined
    }
    expect(await waitFor(atRest, 20_000)).toBe(true)
    const before = (await kafka.target.endOffsets(['raced'])).get('raced')!.get(0)!

    await write('raced', 30, Date.now() - retentionMs + 15_000)
    const look = looks()
    const watch = await watchWhileRunning()
    expect(await watch()).toMatchObject([{ cause: 'mirror/retention-race', severity: 'critical' }])
    const race = await look(retentionRace, { ahead: '50s' })
    expect(race).toMatchObject({ verdict: 'failed', reason: 'race' })
    expect(race.text).toMatch(/raced-0 30 records, the first in \d+ s/)
    expect(await look(mirrorEta, {}, Date.now())).toMatchObject({ verdict: 'inconclusive' })

    const lost = await until(
      'the loss',
      () => look(retentionRace),
      ({ reason }) => reason === 'lost',
    )
    expect(lost.text).toMatch(/raced-0 \d+ to \d+/)
    expect(await watch()).toMatchObject([{ cause: 'mirror/retention-lost', text: expect.stringContaining('raced') }])
    await worker.resume(mirrorNames.source)
    await write('raced', 1)
    await until(
      'going on',
      async () => ({
        verdict: 'passed',
        text: String((await kafka.target.endOffsets(['raced'])).get('raced')!.get(0)! > before),
      }),
      ({ text }) => text === 'true',
    )
    // Of 31 one arrived, and the mirror shows RUNNING.
    expect((await kafka.target.endOffsets(['raced'])).get('raced')!.get(0)! - before).toBe(1n)
    expect((await worker.status(mirrorNames.source))!.state).toBe('RUNNING')
  }, 180_000)
})

describe('the pure parts', () => {
  const offsets = (offset: bigint) => new Map([['t', new Map([[0, offset]])]])

  it('take one offset below the log start for the end of a transaction, and more for a loss', () => {
    const at = { starts: offsets(10n), ends: offsets(20n), staying: offsets(10n) }
    expect(raceOf({ ...at, positions: offsets(9n) }).lost).toEqual([])
    expect(raceOf({ ...at, positions: offsets(8n) }).lost).toEqual([{ topic: 't', partition: 0, from: 8n, to: 10n }])
  })

  it('race where records are too old at the horizon, all of them where none stays', () => {
    const at = { positions: offsets(12n), starts: offsets(10n), ends: offsets(20n) }
    expect(raceOf({ ...at, staying: offsets(15n) }).racing).toMatchObject([{ from: 12n, to: 15n }])
    expect(raceOf({ ...at, staying: offsets(-1n) }).racing).toMatchObject([{ from: 12n, to: 20n }])
    expect(raceOf({ ...at, staying: new Map() }).racing).toEqual([])
  })

  it('know when retention by size reaches a position', () => {
    const log = { bytes: 1000n, start: 0n, end: 100n, position: 50n }
    expect(untilTakenBySize({ ...log, limit: 400n, rate: 1 })).toBe(0)
    expect(untilTakenBySize({ ...log, limit: 600n, rate: 10 })).toBe(1000)
    expect(untilTakenBySize({ ...log, limit: 600n, rate: 0 })).toBeUndefined()
    expect(untilTakenBySize({ ...log, limit: -1n, rate: 10 })).toBeUndefined()
  })

  it('give an end with its spread, and none where more comes in than goes over', () => {
    expect(
      etaOf(1000, [
        { over: 30, in: 10 },
        { over: 60, in: 10 },
      ]),
    ).toEqual({ bestMs: 20_000, worstMs: 50_000 })
    expect(etaOf(1000, [{ over: 10, in: 10 }])).toBeUndefined()
    expect(
      etaOf(1000, [
        { over: 5, in: 10 },
        { over: 20, in: 10 },
      ])?.worstMs,
    ).toBe(Number.POSITIVE_INFINITY)
  })

  it('read and say amounts of bytes', () => {
    expect([bytesPerSecond('20 MiB/s'), bytesPerSecond('1.5kB/s'), bytesPerSecond('fast')]).toEqual([
      20_971_520,
      1500,
      undefined,
    ])
    expect([12, 1536, 5 * 1024 ** 3].map(sayBytes)).toEqual(['12 B', '1.5 KiB', '5 GiB'])
  })
})
