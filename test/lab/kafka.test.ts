import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'
import { type KafkaLab, mirrorNames, startKafka, waitForState } from '../../lab/kafka/index.js'
import { processesOf } from '../../lab/strays.js'
import type { KafkaVersion, Side } from '../../lab/types.js'
import { readValues } from './read.js'

const pairs: [KafkaVersion, KafkaVersion][] = [
  ['3.9', '4'],
  ['2.4', '2.8'],
]

describe.each(pairs)('The Kafka half of the lab, %s to %s', (source, target) => {
  let folder: string
  let lab: KafkaLab

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floodgate-kafka-'))
    lab = await startKafka({ folder, source, target, brokers: 1 }, () => {})
  }, 300_000)

  afterAll(async () => {
    await lab?.stop()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  const kafka = (side: Side) =>
    new Kafka({ clientId: 'test', brokers: lab.clusters[side].bootstrap, logLevel: logLevel.NOTHING })

  it('mirrors what stood in a topic before the mirror started, under the same name, but not what was taken back', async () => {
    const admin = kafka('source').admin()
    await admin.connect()
    await admin.createTopics({
      topics: [
        { topic: 'orders', numPartitions: 2 },
        { topic: 'intake', numPartitions: 1 },
      ],
    })
    await admin.disconnect()
    const producer = kafka('source').producer({ transactionalId: 'test', maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const takenBack = await producer.transaction()
    await takenBack.send({ topic: 'orders', messages: [{ key: 'a', value: 'taken back' }] })
    await takenBack.abort()
    await producer.send({ topic: 'orders', messages: [{ key: 'a', value: 'before the mirror' }] })
    await producer.disconnect()

    await lab.startMirror(['orders', 'intake'])

    expect(await readValues(kafka('target'), 'orders', 1, true)).toEqual(['before the mirror'])
  }, 60_000)

  it('delivers a line of the file through the valve, to the source alone, and the mirror carries it over', async () => {
    const file = join(folder, 'lines.txt')
    await writeFile(file, '')
    await lab.startValve({ connector: 'valve', file, topic: 'intake' })
    await waitForState(lab.connect.target.url, 'valve', 'STOPPED')

    await appendFile(file, 'from outside\n')

    expect(await readValues(kafka('source'), 'intake', 1)).toEqual(['from outside'])
    expect(await readValues(kafka('target'), 'intake', 1)).toEqual(['from outside'])
  }, 60_000)

  it('keeps its records over a kill -9 of a broker', async () => {
    const broker = lab.clusters.source.brokers[0]!
    await broker.kill()
    await broker.restart()

    expect(await readValues(kafka('source'), 'orders', 1)).toEqual(['before the mirror'])
  }, 90_000)

  it('stops the mirror so that it reaches STOPPED without tasks', async () => {
    const { url } = lab.connect.target
    await fetch(`${url}/connectors/${mirrorNames.source}/stop`, { method: 'PUT' })

    await waitForState(url, mirrorNames.source, 'STOPPED')
    const status = (await (await fetch(`${url}/connectors/${mirrorNames.source}/status`)).json()) as {
      tasks: unknown[]
    }
    expect(status.tasks).toEqual([])
  }, 60_000)

  it('ends every process that it started', async () => {
    expect(processesOf(folder).length).toBeGreaterThanOrEqual(4)

    await lab.stop()

    expect(processesOf(folder)).toEqual([])
  }, 60_000)
})
