import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kafka, logLevel, type Producer } from 'kafkajs'
import { type Cluster, startCluster } from '../../lab/kafka/cluster.js'
import { createPrepared } from '../../lab/kafka/prepared.js'
import { connectLedger, type Ledger } from '../../lab/ledger/index.js'
import { judge } from '../../lab/ledger/judge.js'
import { settled } from '../../lab/ledger/settled.js'
import { freePort } from '../../lab/ports.js'
import { type LabProcess, startProcess } from '../../lab/processes.js'
import { logLine, portOpen, waitFor } from '../../lab/readiness.js'
import type { Role } from '../../lab/shop/estate.js'
import { writeHistory } from '../../lab/shop/history.js'
import { messageOf, type Order } from '../../lab/shop/order.js'
import { createTopics } from '../../lab/shop/topics.js'

/** The shop's programs on one real cluster, as processes, without pods. Needs `npm run build` before. */
const program = join(process.cwd(), 'dist/lab/shop/app.js')
const patience = 120_000

let folder: string
let cluster: Cluster
let redis: LabProcess
let redisPort: number
let ledger: Ledger
let producer: Producer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-'))
  redisPort = await freePort()
  redis = await startProcess({
    name: 'ledger',
    folder,
    command: 'redis-server',
    args: ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', ''],
    ready: portOpen(redisPort),
  })
  ledger = connectLedger(`redis://127.0.0.1:${redisPort}`)
  const jars = await createPrepared(() => {})('3.9')
  cluster = await startCluster({ folder, side: 'source', version: '3.9', jars, brokers: 1 }, () => {})
  await createTopics(cluster.bootstrap)
  producer = new Kafka({ brokers: cluster.bootstrap, logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
}, patience)

afterAll(async () => {
  await producer?.disconnect()
  await ledger?.close()
  await cluster?.stop()
  await redis?.stop()
  await rm(folder, { recursive: true, force: true })
}, patience)

function start(role: Role, name: string = role): Promise<LabProcess> {
  return startProcess({
    name,
    folder,
    command: process.execPath,
    args: [program, role],
    env: {
      SIDE: 'source',
      BOOTSTRAP: cluster.bootstrap.join(','),
      LEDGER_URL: `redis://127.0.0.1:${redisPort}`,
      RATE: '20',
    },
    ready: logLine(/^ready$/m),
  })
}

/** Orders acked by the broker and told to the ledger, as `checkout` would. */
async function place(...topics: string[]): Promise<Order> {
  const order: Order = { number: await ledger.takeNumbers(1), origin: 'checkout', bornAtMs: Date.now() }
  for (const topic of topics) await producer.send({ topic, messages: [messageOf(order, 'customer-1')] })
  await ledger.recordAcks([{ number: order.number, app: 'checkout', side: 'source', atMs: Date.now() }])
  return order
}

describe('the shop on one cluster', () => {
  it(
    'processes every order once at each of its groups, also when it is stopped and started amid traffic',
    async () => {
      await writeHistory(cluster.bootstrap, ledger, 100)
      const producers = await Promise.all([
        start('checkout', 'checkout-1'),
        start('checkout', 'checkout-2'),
        start('stock'),
      ])
      const consumers = await Promise.all((['router', 'fulfilment', 'billing'] as const).map((role) => start(role)))
      await waitFor(async () => ((await ledger.countProcessings()) > 250 ? true : undefined), patience)
      for (const consumer of consumers) await consumer.restart()
      await Promise.all(producers.map((each) => each.stop()))

      expect(await settled(ledger, { fromMs: 0, untilMs: Date.now() }, patience)).toMatchObject({
        lost: 0,
        duplicated: 0,
        unknown: 0,
      })
      await Promise.all(consumers.map((each) => each.stop()))
      for (const each of [...producers, ...consumers]) expect(await readFile(each.log, 'utf8')).toMatch(/^stopped$/m)
    },
    2 * patience,
  )

  it(
    'passes every order on once although its router is killed amid traffic',
    async () => {
      const before = await judge(ledger)
      const consumers = await Promise.all((['fulfilment', 'billing'] as const).map((role) => start(role)))
      const [router, checkout] = await Promise.all([start('router', 'router-killed'), start('checkout')])
      const more = (count: number) => async () =>
        (await ledger.countProcessings()) > before.processed + count ? true : undefined
      await waitFor(more(50), patience)
      await router.kill()
      await router.restart()
      await waitFor(more(200), patience)
      await checkout.stop()
      const { lost, duplicated } = await settled(ledger, { fromMs: 0, untilMs: Date.now() }, patience)
      expect({ lost, duplicated }).toEqual({ lost: before.lost, duplicated: before.duplicated })
      await Promise.all([router, ...consumers].map((each) => each.stop()))
    },
    2 * patience,
  )

  it(
    'shows the judge one order that was lost and one that came twice',
    async () => {
      const consumers = await Promise.all((['fulfilment', 'billing'] as const).map((role) => start(role)))
      const before = await judge(ledger)
      const lost = await place('shipments')
      const twice = await place('shipments', 'shipments', 'invoices')
      const sum = before.processed + 4
      await waitFor(async () => ((await ledger.countProcessings()) >= sum ? true : undefined), patience)
      await Promise.all(consumers.map((each) => each.stop()))

      const after = await judge(ledger)
      expect(after).toMatchObject({ lost: before.lost + 1, duplicated: before.duplicated + 1 })
      expect(after.examples.lost).toMatchObject([{ number: lost.number, group: 'billing' }])
      expect(after.examples.duplicated).toMatchObject([{ number: twice.number, group: 'fulfilment' }])
    },
    patience,
  )

  it(
    'repeats what a consumer had booked but not committed when it was killed, and the judge sees it',
    async () => {
      const consumer = await start('billing', 'billing-killed')
      const before = await judge(ledger)
      // The ledger is paused, so that the killed consumer's booking lies in its socket while nothing was committed yet.
      const order: Order = { number: await ledger.takeNumbers(1), origin: 'checkout', bornAtMs: Date.now() }
      redis.pause()
      await producer.send({ topic: 'invoices', messages: [messageOf(order, 'customer-1')] })
      expect(await waitFor(async () => ((await bytesWaitingAt(redisPort)) > 0 ? true : undefined), patience)).toBe(true)
      await consumer.kill()
      redis.resume()

      const successor = await start('billing', 'billing-successor')
      const sum = before.processed + 2
      await waitFor(async () => ((await ledger.countProcessings()) >= sum ? true : undefined), patience)
      await successor.stop()
      expect(await judge(ledger)).toMatchObject({ duplicated: before.duplicated + 1, processed: sum })
    },
    patience,
  )
})

/** Bytes that were sent to this port and not read yet, over all connections (Linux's proc/net/tcp). */
async function bytesWaitingAt(port: number): Promise<number> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').slice(1)
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(local) && columns[3] === '01')
    .reduce((sum, columns) => sum + Number.parseInt(columns[4]?.split(':')[1] ?? '0', 16), 0)
}
