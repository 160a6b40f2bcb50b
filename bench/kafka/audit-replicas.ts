import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import type { PartitionPlan } from '../../src/gates/reading/audit.js'
import { openAudits } from '../../src/jobs/audit.js'
import { startRedis } from '../../test/redis.js'
import { at } from '../percentile.js'
import type { Measured } from '../row.js'
import type { Bench } from '../suites/index.js'
import { times } from './clock.js'
import { type BenchCluster, createTopics } from './estate.js'

const topic = 'replicas'
const live = 'live'
const partitions = 8
const recordsEach = 10_000
const valueBytes = 1000
const records = partitions * recordsEach
/** Below what a broker takes at once. */
const batch = 500
const warmUpAcks = 5000
const acksAlone = 5000
const p99 = (took: readonly number[]) => at(0.99, took)

interface Found {
  readonly id: string
  readonly records: number
  readonly differing: number
  readonly failed: readonly string[]
}

/** How long the audit of a topic takes at its bounded rate with one and with two replicas, and what it costs whoever writes to the source meanwhile. */
export async function measureAuditReplicas(
  source: BenchCluster,
  target: BenchCluster,
  { runs, progress }: Bench,
): Promise<Measured[]> {
  for (const cluster of [source, target]) await createTopics(cluster, [topic, live], partitions)
  await write([source, target])
  const redis = await startRedis()
  try {
    const found = await times(runs, async (run) => {
      const producer = await startProducer(source)
      // A producer gets faster for a while after its start; and before, between and after the audits it is alone as long as beside them.
      await producer.acks(warmUpAcks)
      const alone = [await producer.during(() => producer.acks(acksAlone))]
      const beside = async (count: number) => {
        // That a process starts costs the processor more than the audit does, and happens before it.
        const replicas = await startReplicas(redis.url, `{bench-${run}-${count}}`, count, [source, target])
        const found = await producer.during(replicas.audit)
        await replicas.stop()
        alone.push(await producer.during(() => producer.acks(acksAlone)))
        return { took: found.took, p99: p99(found.acks) }
      }
      const one = await beside(1)
      const two = await beside(2)
      await producer.stop()
      return { alone: p99(alone.flatMap(({ acks }) => acks)), one, two }
    })
    progress(
      `audit by replicas: ${found.map(({ alone, one, two }) => `${one.took.toFixed(1)} s, two ${two.took.toFixed(1)} s; p99 of a producer ${alone.toFixed(1)} ms, beside it ${one.p99.toFixed(1)} and ${two.p99.toFixed(1)} ms`).join('; ')}`,
    )
    const alone = { name: 'without the audit', values: found.map((one) => one.alone) }
    const size = `2 x ${Math.round((records * valueBytes) / 1e6)} MB`
    return [
      { name: `audit of ${size} at its bounded rate, one replica`, unit: 's', ours: found.map(({ one }) => one.took) },
      {
        name: 'the same, two replicas',
        unit: 's',
        ours: found.map(({ two }) => two.took),
        peer: { name: 'one replica', values: found.map(({ one }) => one.took) },
        ratioGoal: 0.6,
      },
      {
        name: 'acknowledgement of a producer beside it, 99 of 100',
        unit: 'ms',
        ours: found.map(({ one }) => one.p99),
        peer: alone,
        ratioGoal: 1.1,
      },
      {
        name: 'the same, two replicas',
        unit: 'ms',
        ours: found.map(({ two }) => two.p99),
        peer: alone,
        ratioGoal: 1.1,
      },
    ]
  } finally {
    await redis.stop()
  }
}

/** Replicas that are processes of their own. `audit`: from the hand-out to the result, in seconds. */
async function startReplicas(
  url: string,
  prefix: string,
  count: number,
  [source, target]: readonly [BenchCluster, BenchCluster],
) {
  const program = fileURLToPath(new URL('auditor.js', import.meta.url))
  const bootstraps = [source, target].map(({ bootstrap }) => bootstrap.join(','))
  const children: ChildProcess[] = []
  for (let i = 0; i < count; i++) {
    const child = fork(program, [url, prefix, ...bootstraps])
    children.push(child)
    await Promise.race([once(child, 'message'), diedOf(child)])
  }
  const queue = openAudits<PartitionPlan>(() => new Redis(url, { maxRetriesPerRequest: null }), prefix)
  const all = { from: '0', to: String(recordsEach) }
  const plans = Array.from({ length: partitions }, (_, partition): PartitionPlan => {
    const isolation = 'read_committed'
    return { topic, partition, source: all, target: all, position: all.to, isTimed: true, isolation, orphans: [] }
  })
  return {
    async audit(): Promise<number> {
      const result = Promise.race(
        children.flatMap((child) => [once(child, 'message').then(([found]) => found as Found), diedOf(child)]),
      )
      const begun = performance.now()
      await queue.begin('audit-1', plans, {})
      const found = await result
      if (found.records !== 2 * records || found.differing > 0 || found.failed.length > 0)
        throw new Error(`both sides are equal, and were not found to be: ${JSON.stringify(found)}`)
      return (performance.now() - begun) / 1000
    },
    async stop(): Promise<void> {
      await queue.stop()
      for (const child of children) {
        const gone = once(child, 'exit')
        child.disconnect()
        await gone
      }
    },
  }
}

async function diedOf(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`a replica ended with ${code}`)
}

/** Sends one record after the other, each once the one before is acknowledged; latencies are told of the time of some work. */
async function startProducer({ app }: BenchCluster) {
  const producer = app.producer()
  await producer.connect()
  const value = randomBytes(valueBytes)
  let took: number[] = []
  let stopping = false
  let acked = () => {}
  const writing = (async () => {
    while (!stopping) {
      const begun = performance.now()
      await producer.send({ topic: live, messages: [{ value }] })
      took.push(performance.now() - begun)
      acked()
    }
  })()
  return {
    async during(work: () => Promise<number | undefined>) {
      took = []
      const found = await work()
      return { took: found ?? 0, acks: took }
    },
    /** Resolves after so many more. */
    acks: (count: number) =>
      new Promise<undefined>((resolve) => {
        let left = count
        acked = () => {
          left -= 1
          if (left === 0) resolve(undefined)
        }
      }),
    async stop() {
      stopping = true
      await writing
      await producer.disconnect()
    },
  }
}

async function write(clusters: readonly BenchCluster[]): Promise<void> {
  const producers = clusters.map((cluster) => cluster.app.producer())
  for (const producer of producers) await producer.connect()
  const now = Date.now() - recordsEach
  for (let partition = 0; partition < partitions; partition++)
    for (let from = 0; from < recordsEach; from += batch) {
      const messages = Array.from({ length: batch }, (_, i) => ({
        partition,
        key: `key-${from + i}`,
        value: randomBytes(valueBytes),
        timestamp: String(now + from + i),
      }))
      for (const producer of producers) await producer.send({ topic, messages })
    }
  for (const producer of producers) await producer.disconnect()
}
