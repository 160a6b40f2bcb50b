import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kafka as App, logLevel } from 'kafkajs'
import { kafkaJars } from '../../../lab/kafka/artefacts.js'
import { java, properties } from '../../../lab/kafka/java.js'
import { freePort } from '../../../lab/ports.js'
import { type LabProcess, startProcess } from '../../../lab/processes.js'
import { logLine } from '../../../lab/readiness.js'
import { createKafka, type Kafka } from '../../../src/connect/kafka/kafka.js'

const secret = 'not-to-be-seen'
let folder: string
let broker: LabProcess
let address: string
const open: Kafka[] = []

function as(username: string, password: string): Kafka {
  const kafka = createKafka({
    bootstrap: [address],
    clientId: 'floodgate',
    sasl: { mechanism: 'scram-sha-512', username, password },
  })
  open.push(kafka)
  return kafka
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'floodgate-sasl-'))
  const jars = await kafkaJars('3.9', () => undefined)
  const [plain, controller, sasl] = [await freePort(), await freePort(), await freePort()]
  address = `127.0.0.1:${sasl}`
  const file = join(folder, 'broker.properties')
  await writeFile(
    file,
    properties({
      'process.roles': 'broker,controller',
      'node.id': 1,
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      'controller.listener.names': 'CONTROLLER',
      'inter.broker.listener.name': 'PLAINTEXT',
      listeners: `PLAINTEXT://127.0.0.1:${plain},CONTROLLER://127.0.0.1:${controller},SASL_PLAINTEXT://${address}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
      'log.dirs': join(folder, 'data'),
      'offsets.topic.replication.factor': 1,
      'offsets.topic.num.partitions': 1,
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:admin;User:ANONYMOUS',
    }),
  )
  const user = (name: string) => ['--add-scram', `SCRAM-SHA-512=[name=${name},password=${secret}]`]
  const format = ['kafka.tools.StorageTool', 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', file]
  execFileSync('java', ['-cp', `${jars}/*`, ...format, ...user('admin'), ...user('stranger')], { stdio: 'ignore' })
  broker = await startProcess(
    java({
      name: 'broker',
      folder,
      jars: { folder: jars, recording: false },
      main: 'kafka.Kafka',
      arguments: [file],
      heapMiB: 256,
      ready: logLine(/Kafka Server started/),
    }),
  )
  const app = new App({ brokers: [`127.0.0.1:${plain}`], logLevel: logLevel.NOTHING })
  const [admin, producer] = [app.admin(), app.producer()]
  await Promise.all([admin.connect(), producer.connect()])
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }], waitForLeaders: true })
  await producer.send({ topic: 'orders', messages: [{ value: 'x' }] })
  await Promise.all([admin.disconnect(), producer.disconnect()])
}, 120_000)

afterAll(async () => {
  await Promise.all(open.map((kafka) => kafka.close()))
  await broker?.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('a cluster that asks who one is (SCRAM)', () => {
  it('is read and written on both of its connections by a user who may', async () => {
    const kafka = as('admin', secret)
    const ends = await kafka.endOffsets(['orders'])
    expect(ends).toEqual(new Map([['orders', new Map([[0, 1n]])]]))
    let records = 0
    await kafka.scan([{ topic: 'orders', partition: 0, from: 0n, to: 1n }], (_, batch) => {
      records += batch.count
    })
    expect(records).toBe(1)
    await kafka.commit('g', ends)
    expect((await kafka.committed(['g'])).get('g')).toEqual(ends)
  })

  it('refuses a wrong password, and the error does not show it', async () => {
    const wrong = `${secret}-wrong`
    const error = await as('admin', wrong)
      .endOffsets(['orders'])
      .catch((one: unknown) => one)
    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining('refused the login') })
    expect(JSON.stringify(error) + String(error)).not.toContain(secret)
  })

  it('refuses a user without rights, and says for what', async () => {
    const kafka = as('stranger', secret)
    await expect(kafka.endOffsets(['orders'])).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('orders'),
    })
    await expect(kafka.committed(['g'])).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('group g'),
    })
  })
})
