import { describe, expect, it } from '@jest/globals'
import type { Batch, Offsets } from '../../src/connect/kafka/types.js'
import { appDry } from '../../src/gates/app-dry.js'
import type { Json } from '../../src/runbook/json.js'
import { migrationOf } from '../actions/estate.js'
import { recordOf } from '../records.js'

const migration = migrationOf([
  { name: 'checkout', tier: 'upstream', produces: ['orders'] },
  { name: 'pricing', tier: 'upstream', consumes: ['orders'], produces: ['priced'] },
  { name: 'pay', tier: 'upstream', consumes: ['priced', 'retry'], produces: ['failed'] },
  { name: 'retrier', tier: 'upstream', consumes: ['failed'], produces: ['retry'] },
])
const allTopics = ['orders', 'priced', 'retry', 'failed']

interface Scene {
  /** Replicas wanted and pods alive; left out: gone. */
  running?: Record<string, [replicas: number, pods: number]>
  /** Log ends of the one partition of each topic, and commits by group. */
  ends: Record<string, number>
  commits: Record<string, Record<string, number>>
  last?: Json
}

const measure = (app: string, { running = {}, ends, commits, last }: Scene) => {
  const offsets = (of: Record<string, number>): Offsets =>
    new Map(Object.entries(of).map(([topic, offset]) => [topic, new Map([[0, BigInt(offset)]])]))
  const kafka = {
    committed: async (groups: readonly string[]) =>
      new Map(groups.map((group) => [group, offsets(commits[group] ?? {})])),
    startOffsets: async () => offsets(Object.fromEntries(allTopics.map((topic) => [topic, 0]))),
    endOffsets: async (topics: readonly string[]) =>
      offsets(Object.fromEntries(topics.map((topic) => [topic, ends[topic] ?? 0]))),
    scan: async (
      ranges: readonly { topic: string; partition: number; from: bigint; to: bigint }[],
      visit: (range: never, batch: Batch) => void,
    ) => {
      for (const range of ranges) visit(range as never, dataBatch(range.from, range.to))
      return ranges.map(({ from }) => from)
    },
  }
  const workloads = {
    seen: async (names: readonly string[]) =>
      new Map(
        names.map((name) => {
          const [replicas, pods] = running[name.replace('Deployment/', '')] ?? [0, 0]
          const pod = { phase: 'Running', ready: true, createdAt: 0, restarts: 0 }
          return [
            name,
            { replicas, ready: pods, pods: Array.from({ length: pods }, (_, i) => ({ ...pod, name: `${i}` })) },
          ]
        }),
      ),
  }
  return appDry.measure(
    { kafka: { source: kafka, target: kafka }, workloads: { source: workloads, target: workloads } },
    { side: 'source', app },
    { now: 0, since: 0, last, migration, fact: async () => undefined, alerts: [], answers: [] },
  )
}

describe('app-dry', () => {
  const read = { ends: { orders: 10 }, commits: { pricing: { orders: 10 } } }

  it('waits while a writer of its input still has a pod, though it is scaled to zero', async () => {
    expect(await measure('pricing', { ...read, running: { checkout: [0, 1] } })).toMatchObject({
      verdict: 'failed',
      reason: 'writers-left',
      text: 'pricing still gets input from checkout (0 replicas wanted, 1 pod).',
    })
  })

  it('waits while a record lies before it', async () => {
    expect(await measure('pricing', { ...read, commits: { pricing: { orders: 7 } } })).toMatchObject({
      verdict: 'failed',
      reason: 'not-drained',
      text: expect.stringContaining('pricing has 3 records to read'),
    })
  })

  it('passes when its writers are gone and it has read everything', async () => {
    expect(await measure('pricing', read)).toMatchObject({ verdict: 'passed' })
  })

  it('waits while a log grows that nobody should write any more, even if it reads all of it', async () => {
    const { evidence } = await measure('pricing', read)
    const grown = { ends: { orders: 12 }, commits: { pricing: { orders: 12 } }, last: evidence! }
    expect(await measure('pricing', grown)).toMatchObject({
      reason: 'still-written',
      text: expect.stringContaining('orders'),
    })
  })

  it('does not wait for the apps of its own circle to go, only for all of them to be dry', async () => {
    const circle = { running: { retrier: [1, 1] as [number, number] }, ends: { priced: 5, retry: 3, failed: 3 } }
    const dry = { pay: { priced: 5, retry: 3 }, retrier: { failed: 3 } }
    expect(await measure('pay', { ...circle, commits: dry })).toMatchObject({ verdict: 'passed' })
    const half = { ...dry, retrier: { failed: 2 } }
    expect(await measure('pay', { ...circle, commits: half })).toMatchObject({ reason: 'not-drained' })
    const fed = { ...circle, running: { ...circle.running, pricing: [1, 1] as [number, number] } }
    expect(await measure('retrier', { ...fed, commits: dry })).toMatchObject({ reason: 'writers-left' })
  })
})

function dataBatch(from: bigint, to: bigint): Batch {
  const records = () => Array.from({ length: Number(to - from) }, (_, i) => recordOf({ offset: from + BigInt(i) }))
  return {
    baseOffset: from,
    lastOffset: to - 1n,
    count: Number(to - from),
    producerId: -1n,
    producerEpoch: -1,
    transactional: false,
    control: undefined,
    maxTimestamp: 0,
    size: 0,
    records,
    packed: records,
  }
}
