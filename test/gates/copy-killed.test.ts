import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { copyBack } from '../../src/actions/copy-back.js'
import { sides } from '../../src/config/migration.js'
import type { Json } from '../../src/runbook/json.js'
import { type TestCluster, testCluster } from '../connect/kafka/cluster.js'
import type { Copying } from './copier.js'
import { createDoing } from './doing.js'
import { migrationOf } from './look.js'

/** The replica that copies back is a process of its own, and dies by `kill -9` while it writes. */
describe('copying back by a process that is killed', () => {
  let source: TestCluster
  let target: TestCluster
  beforeAll(async () => {
    ;[source, target] = await Promise.all([testCluster('3.9'), testCluster('4')])
  }, 120_000)
  afterAll(() => Promise.all([source?.stop(), target?.stop()]), 60_000)

  const [topic, partitions] = ['orders', 2]
  const before = 7
  const large = 24
  const size = 400_000

  async function valuesOf(cluster: TestCluster, partition: number, from: bigint): Promise<string[]> {
    const to = (await cluster.kafka.endOffsets([topic])).get(topic)!.get(partition)!
    const found: string[] = []
    if (from < to)
      await cluster.kafka.scan([{ topic, partition, from, to }], (_, batch) => {
        if (!batch.control) found.push(...batch.records().map(({ value }) => value!.toString().slice(0, 20)))
      })
    return found
  }

  it('is gone on with behind what it wrote, every record once and in order, however often it happens', async () => {
    for (const cluster of [source, target]) {
      await cluster.createTopic(topic, partitions)
      const producer = cluster.app.producer()
      await producer.connect()
      for (let partition = 0; partition < partitions; partition++) {
        const mirrored = Array.from({ length: before }, (_, n) => ({ partition, value: `mirrored-${n}` }))
        await producer.send({ topic, messages: mirrored })
        if (cluster === target)
          for (let n = 0; n < large; n++)
            await producer.send({ topic, messages: [{ partition, value: `born-${n} ${'x'.repeat(size)}` }] })
      }
      await producer.disconnect()
    }
    const ends = { [topic]: Array.from({ length: partitions }, () => String(before)) }
    const migration = migrationOf([topic], [{ name: 'app' }])
    const facts: Record<string, Json> = {
      waterline: { at: 1, offsets: ends, leftBehind: {} },
      certificate: { side: 'source', source: { at: 1, ends, commits: {} } },
    }
    const deps = { kafka: { source: source.kafka, target: target.kafka } }
    const doing = createDoing(deps, migration, new Map(Object.entries(facts)))

    const born = Array.from({ length: large }, (_, n) => `born-${n} ${'x'.repeat(size)}`.slice(0, 20))
    const copied = async () =>
      (await Promise.all([0, 1].map((partition) => valuesOf(source, partition, BigInt(before))))).flat().length
    for (let kill = 0; kill < 3; kill++) {
      const already = await copied()
      const effects = await doing.plan(copyBack)
      expect(effects.length).toBeGreaterThan(0)
      // As it is built, since a process runs no TypeScript.
      const child = fork(join(process.cwd(), 'dist/test/gates/copier.js'), { stdio: 'inherit' })
      const gone = once(child, 'exit')
      const bootstrap = { source: source.bootstrap, target: target.bootstrap }
      child.send({ bootstrap, migration, facts, effects } satisfies Copying)
      // Between two batches: as soon as something more of it lies on the source.
      await source.until(async () => {
        await setImmediate()
        return (await copied()) > already
      })
      child.kill('SIGKILL')
      expect((await gone)[1]).toBe('SIGKILL')
    }
    const left = await doing.plan(copyBack)
    expect(left.length).toBeGreaterThan(0)
    await doing.act(copyBack)
    expect(await doing.plan(copyBack)).toEqual([])
    for (let partition = 0; partition < partitions; partition++) {
      expect(await valuesOf(source, partition, BigInt(before))).toEqual(born)
      for (const side of sides)
        expect(await valuesOf(side === 'source' ? source : target, partition, 0n)).toHaveLength(before + large)
    }
  }, 120_000)
})
