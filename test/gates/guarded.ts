import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Kafka as App, logLevel, type Producer } from 'kafkajs'
import { kafkaJars } from '../../lab/kafka/artefacts.js'
import { startCluster } from '../../lab/kafka/cluster.js'
import { classPath, javaOptions, properties } from '../../lab/kafka/java.js'
import { releases } from '../../lab/kafka/versions.js'
import { waitFor } from '../../lab/readiness.js'
import type { KafkaVersion } from '../../lab/types.js'
import { createKafka, type Kafka } from '../../src/connect/kafka/kafka.js'

export const secret = 'not-to-be-seen'
const users = ['admin', 'shop', 'legacy', 'billing', 'floodgate'] as const
type User = (typeof users)[number]

/** As much of a mirror as the fence asks about. */
export const mirrorThatIs = (state: 'RUNNING' | 'STOPPED', settings: Readonly<Record<string, string>> = {}) => ({
  status: async () => ({ state, tasks: [] }),
  settings: async () => settings,
})

/** A cluster that checks rights: everybody logs in, admin may do everything, all others what ACLs say. */
export async function guardedCluster(version: KafkaVersion, brokers: 1 | 3 = 1) {
  const folder = await mkdtemp(join(tmpdir(), 'floodgate-guarded-'))
  const jars = { folder: await kafkaJars(version, () => undefined), recording: false }
  const kraft = releases[version].metadata === 'kraft'
  const login = users.map((user) => `user_${user}="${secret}"`).join(' ')
  const settings = {
    'listener.security.protocol.map': `PLAINTEXT:SASL_PLAINTEXT${kraft ? ',CONTROLLER:PLAINTEXT' : ''}`,
    'inter.broker.listener.name': 'PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'listener.name.plaintext.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="${secret}" ${login};`,
    'authorizer.class.name': kraft
      ? 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'
      : 'kafka.security.authorizer.AclAuthorizer',
    'super.users': 'User:admin;User:ANONYMOUS',
  }
  const cluster = await startCluster({ folder, side: 'source', version, brokers, jars, settings }, () => undefined)
  const sasl = (username: User) => ({ mechanism: 'plain' as const, username, password: secret })
  const kafka = createKafka({ bootstrap: cluster.bootstrap, clientId: 'floodgate', sasl: sasl('admin') })
  const producers: Producer[] = []
  const others: Kafka[] = []
  return {
    kafka,
    /** One of three brokers that is not the active controller, nor the one that is asked first. */
    async follower() {
      const state = join(folder, 'kafka', 'kafka-source-1', '__cluster_metadata-0', 'quorum-state')
      const { leaderId } = JSON.parse(await readFile(state, 'utf8')) as { leaderId: number }
      return cluster.brokers[leaderId === 3 ? 1 : 2]!
    },
    /** The bot's own way in, as a user that may not everything. */
    as(user: User): Kafka {
      const one = createKafka({ bootstrap: cluster.bootstrap, clientId: 'floodgate', sasl: sasl(user) })
      others.push(one)
      return one
    },
    /** Sends one record as that user; false: refused. */
    async writes(user: User, topic: string, value = 'x'): Promise<boolean> {
      const app = new App({
        brokers: cluster.bootstrap,
        logLevel: logLevel.NOTHING,
        sasl: sasl(user),
        retry: { retries: 2 },
      })
      const producer = app.producer()
      producers.push(producer)
      await producer.connect()
      try {
        await producer.send({ topic, messages: [{ key: user, value }] })
        return true
      } catch (error) {
        if ((error as { type?: string }).type === 'TOPIC_AUTHORIZATION_FAILED') return false
        throw error
      }
    },
    /** A user with a password in the cluster itself; it may not do anything yet. */
    async addScramUser(user: string, mechanism: string): Promise<void> {
      const file = join(folder, 'admin.properties')
      const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="${secret}";`
      await writeFile(
        file,
        properties({ 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': jaas }),
      )
      const change = ['--alter', '--add-config', `${mechanism}=[password=${secret}]`]
      const of = ['--entity-type', 'users', '--entity-name', user]
      const where = ['--bootstrap-server', cluster.bootstrap[0]!, '--command-config', file]
      const tool = [...javaOptions(folder, 128), '-cp', classPath(jars), 'kafka.admin.ConfigCommand']
      await promisify(execFile)('java', [...tool, ...where, ...change, ...of])
    },
    async until(holds: () => Promise<boolean>) {
      const held = await waitFor(async () => (await holds().catch(() => false)) || undefined, 20_000)
      if (!held) throw new Error('it did not come true within 20 s')
    },
    async stop() {
      await Promise.all(producers.map((producer) => producer.disconnect()))
      await Promise.all([kafka, ...others].map((one) => one.close()))
      await cluster.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
