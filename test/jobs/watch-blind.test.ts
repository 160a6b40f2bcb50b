import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import type { Batch, Range } from '../../src/connect/kafka/types.js'
import type { ConnectorStatus } from '../../src/connect/kafka-connect/kafka-connect.js'
import { createKafkaConnect } from '../../src/connect/kafka-connect/kafka-connect.js'
import { gate } from '../../src/gates/gate.js'
import type { Connectors, OnConnect } from '../../src/gates/reading/clients.js'
import { begunPositions } from '../../src/gates/reading/mirror.js'
import { retentionRace } from '../../src/gates/retention-race.js'
import { createWatch } from '../../src/jobs/watch.js'
import type { Measured } from '../../src/runbook/language.js'
import { createLooks, migrationOf } from '../gates/look.js'
import { recordOf } from '../records.js'

const migration = migrationOf(['orders'], [{ name: 'shop', produces: ['orders'] }])

describe('a watch that found retention about to overtake the mirror', () => {
  const range = { topic: 'orders', partition: 0, from: '1', to: '2' }
  const race: Measured = { verdict: 'failed', reason: 'race', text: '', evidence: { lost: [], racing: [range] } }
  const passed: Measured = { verdict: 'passed', text: '', evidence: { lost: [], racing: [] } }
  const blind: Measured = { verdict: 'inconclusive', reason: 'unreadable', text: 'Nobody answers' }

  function watchOf(state = 'RUNNING', trace: readonly string[] = []) {
    const seen = { found: race, last: [] as unknown[] }
    const tasks = trace.length > 0 ? [{ id: 0, state: 'FAILED', trace: trace.join('\n') }] : []
    const status: ConnectorStatus = { state, tasks }
    const measured = gate<OnConnect<Connectors>, { ahead: string }>({
      name: 'retention-race',
      proves: 'what it is told',
      args: z.strictObject({ ahead: z.string() }),
      measure: async (_, __, look) => {
        seen.last.push(look.last)
        return seen.found
      },
    })
    const gateDeps = { connect: () => ({ status: async () => status }) }
    const watch = createWatch({ race: measured, gateDeps, migration })
    let now = 0
    const watched = () => {
      now += 60_001
      return watch('source', now)
    }
    return { seen, watched }
  }

  it('keeps the alert while nobody can measure, goes on from what was measured, and ends it when it is over', async () => {
    const { seen, watched } = watchOf()
    const alerts = await watched()
    expect(alerts).toMatchObject([{ cause: 'mirror/retention-race', severity: 'critical' }])
    seen.found = blind
    expect(await watched()).toEqual(alerts)
    seen.found = passed
    expect(await watched()).toEqual([])
    expect(seen.last).toEqual([undefined, race.evidence, race.evidence])
  })

  it('says where to look when the task names neither the record nor the reason', async () => {
    const { seen, watched } = watchOf('RUNNING', [
      'org.apache.kafka.connect.errors.ConnectException: Unrecoverable exception from producer send callback',
      '\tat org.apache.kafka.connect.runtime.WorkerSourceTask.run(WorkerSourceTask.java:1)',
      'Caused by: org.apache.kafka.common.KafkaException: Failed to append record because it was part of a batch which had one more more invalid records',
    ])
    seen.found = passed
    expect(await watched()).toMatchObject([
      {
        cause: 'mirror/failed/mirror-source',
        text: expect.stringMatching(/one more more invalid records: .*target-accepts/),
      },
    ])
  })

  it.each(['STOPPED', 'PAUSED'])('does not count a mirror that is %s on purpose', async (state) => {
    expect(await watchOf(state).watched()).toEqual([])
  })
})

describe('a race on more partitions than one look reads', () => {
  const topics = Array.from({ length: 45 }, (_, i) => `orders-of-a-region-with-a-long-name-${i}`)
  const migration = migrationOf(topics, [{ name: 'shop', produces: topics }])
  const everywhere = (offset: bigint) => async (of: readonly string[]) =>
    new Map(of.map((topic) => [topic, new Map([[0, offset]])]))

  /** The mirror stands at 10 everywhere. The first twenty hold ends of transactions only, all others a record. */
  async function race(starts: bigint) {
    const batch: Batch = {
      ...{ baseOffset: 99n, lastOffset: 99n, count: 1, producerId: 1n, producerEpoch: 0, transactional: true },
      ...{ control: undefined, maxTimestamp: 0, size: 70 },
      records: () => [recordOf({ offset: 99n })],
      packed: () => [recordOf({ offset: 99n })],
    }
    const limits = new Map([
      ['cleanup.policy', 'delete'],
      ['retention.ms', '60000'],
    ])
    const source = {
      startOffsets: everywhere(starts),
      endOffsets: everywhere(100n),
      offsetsAt: everywhere(-1n),
      sizes: everywhere(0n),
      topicConfigs: async (of: readonly string[]) => new Map(of.map((topic) => [topic, limits])),
      scan: async (ranges: readonly Range[], visit: (range: Range, batch: Batch) => void) => {
        for (const range of ranges)
          visit(range, topics.indexOf(range.topic) < 20 ? { ...batch, control: 'commit' } : batch)
        return ranges.map(({ from }) => from)
      },
    }
    const partition = (topic: string) => ({ cluster: 'source', topic, partition: 0 })
    const connect = () => ({
      status: async () => ({ state: 'RUNNING', tasks: [] }),
      offsets: async () => topics.map((topic) => ({ partition: partition(topic), offset: { offset: 9 } })),
    })
    const deps = { kafka: { source, target: source }, connect }
    const found = await createLooks(deps, migration)(retentionRace)
    const [alert] = await createWatch({ race: retentionRace, gateDeps: deps, migration })('source', 1)
    return { found, alert }
  }

  it('counts those that it read and those that it did not, and all that are lost', async () => {
    const { found } = await race(0n)
    expect(found).toMatchObject({ verdict: 'failed', reason: 'race' })
    expect(found.text).toMatch(
      /on up to 25 partitions: \S+-20-0 1 record, .*\S+-22-0 1 record, .* and 17 more, and 5 that were not read/,
    )
    expect((await race(50n)).found.text).toMatch(/on 45 partitions: \S+-0-0 10 to 50, .* and 42 more/)
  })

  it.each([
    { starts: 0n, rest: 'and 15 more on the source that the mirror has not brought, and perhaps of others' },
    { starts: 50n, rest: 'and 40 more' },
  ])('is one event of the log of at most 1 KB, log start at $starts', async ({ starts, rest }) => {
    const { alert } = await race(starts)
    expect(alert?.text).toContain(rest)
    expect(alert?.evidence).toContainEqual(expect.objectContaining({ from: '10' }))
    expect(JSON.stringify(alert).length).toBeLessThanOrEqual(1024)
  })
})

describe('a Kafka Connect that gives no offsets', () => {
  /** As Kafka Connect 3.4 answers: it knows the status of its connectors and no path `/offsets`. */
  async function positionsWhere(known: boolean) {
    const server = createServer(({ url = '' }, answer) => {
      const isStatus = known && url.endsWith('/status')
      const body = isStatus ? { name: 'mirror-source', connector: { state: 'RUNNING', worker_id: 'w' }, tasks: [] } : {}
      answer.writeHead(isStatus ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = server.address() as AddressInfo
      return await begunPositions(createKafkaConnect(`http://127.0.0.1:${port}`), migration)
    } finally {
      server.close()
    }
  }

  it('is no mirror that has not begun, unless there is no such connector', async () => {
    expect(await positionsWhere(false)).toEqual(new Map())
    await expect(positionsWhere(true)).rejects.toMatchObject({ code: 'unknown' })
  })
})
