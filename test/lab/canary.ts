import { mkdirSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel } from 'kafkajs'
import { parse, stringify } from 'yaml'
import { createConnector, waitForState } from '../../lab/kafka/connectors.js'
import { waitFor } from '../../lab/readiness.js'
import { deploymentsApi } from '../../lab/shop/deployments.js'
import type { LabDescription, Side } from '../../lab/types.js'

const topic = 'pings'
const program = fileURLToPath(new URL('./canary-app.mjs', import.meta.url))
const roles = ['ping', 'pong'] as const

/** Beside the shop a flow of its own: a topic, a mirror, a producer, a consumer, and a book in which each of them writes what it did. */
export async function createCanary({ folder, kafka, connect, mirror, kubernetes, migration }: LabDescription) {
  const book = join(folder, 'canary')
  mkdirSync(book)
  await createTopic(kafka.source.bootstrap)
  for (const name of [mirror.source, mirror.checkpoint]) {
    const config = await (await fetch(`${connect.target}/connectors/${name}/config`)).json()
    const own = { ...(config as Record<string, string>), name: `canary-${name}` }
    const of = name === mirror.source ? { topics: topic } : { groups: 'canary-.*' }
    await createConnector(connect.target, { name: own.name, state: 'RUNNING', config: { ...own, ...of } })
  }
  for (const side of ['source', 'target'] as const) for (const role of roles) await deploy(side, role)
  await writeFile(migration, stringify({ ...parse(await readFile(migration, 'utf8')), canary: section() }))

  async function deploy(side: Side, role: (typeof roles)[number]): Promise<void> {
    const name = `canary-${role}`
    const env = {
      SIDE: side,
      BOOK: book,
      BOOTSTRAP: kafka[side].bootstrap.join(','),
      NODE_OPTIONS: '--max-old-space-size=64',
    }
    await deploymentsApi(kubernetes.kubeconfig, `admin@${side}`).createNamespacedDeployment({
      namespace: kubernetes.namespaces[side],
      body: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name },
        spec: {
          replicas: side === 'source' ? 1 : 0,
          selector: { matchLabels: { app: name } },
          strategy: { type: 'Recreate' },
          template: {
            metadata: { labels: { app: name } },
            spec: {
              terminationGracePeriodSeconds: 15,
              containers: [
                {
                  name,
                  image: 'floodgate-test/canary',
                  command: [process.execPath, program, role, topic],
                  env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
                },
              ],
            },
          },
        },
      },
    })
  }

  function section() {
    return {
      mirror: { url: connect.target, source: `canary-${mirror.source}`, checkpoint: `canary-${mirror.checkpoint}` },
      topics: [topic],
      apps: [
        { name: 'canary-ping', tier: 'upstream', workload: 'Deployment/canary-ping', produces: [topic] },
        {
          name: 'canary-pong',
          tier: 'downstream',
          workload: 'Deployment/canary-pong',
          group: 'canary-pong',
          consumes: [topic],
        },
      ],
    }
  }

  const lines = (name: string) =>
    readFileSync(join(book, name), { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean)

  return {
    lines,
    /** As long as the shop's checkpoints are those of every group, they would put the canary's back behind its own. */
    async leaveItAlone(): Promise<void> {
      const at = `${connect.target}/connectors/${mirror.checkpoint}/config`
      const config = (await (await fetch(at)).json()) as Record<string, string>
      const answer = await fetch(at, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...config, 'groups.exclude': 'canary-.*' }),
      })
      if (!answer.ok) throw new Error(`${mirror.checkpoint}: ${answer.status} ${await answer.text()}`)
      await waitForState(connect.target, mirror.checkpoint, 'RUNNING')
    },
    /** Everything that was sent until now has been read, and how often; throws when something is still missing after a while. */
    async judged(): Promise<{ readonly sent: number; readonly lost: number; readonly duplicated: number }> {
      const sent = lines('sent')
      const missing = () => {
        const read = new Set(lines('read'))
        return sent.filter((one) => !read.has(one)).length
      }
      await waitFor(async () => (missing() === 0 ? true : undefined), 60_000, 200)
      const read = lines('read')
      return { sent: sent.length, lost: missing(), duplicated: read.length - new Set(read).size }
    },
  }
}

async function createTopic(brokers: string[]): Promise<void> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true })
  await admin.disconnect()
}
