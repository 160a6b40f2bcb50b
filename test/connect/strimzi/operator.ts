import { setTimeout as pause } from 'node:timers/promises'
import type { KafkaLab } from '../../../lab/kafka/index.js'
import { waitFor } from '../../../lab/readiness.js'
import type { Side } from '../../../lab/types.js'
import type { startLab } from '../kubernetes-lab.js'

type Kubernetes = Awaited<ReturnType<typeof startLab>>['lab']

const namespace = 'shop-target'
const flow = 'source->target'
const topic = 'orders'
export const names = { source: `${flow}.MirrorSourceConnector`, checkpoint: `${flow}.MirrorCheckpointConnector` }

interface Resource {
  readonly metadata: { readonly generation: number }
  readonly spec: {
    readonly replicas: number
    readonly mirrors: readonly Record<string, { state?: string; pause?: boolean } | undefined>[]
  }
}

/**
 * The part of Strimzi's operator: makes a real MirrorMaker 2 be as its resource says, and puts into the status what Kafka Connect says. The
 * worker is a process of the Kafka lab, its pod one of the Kubernetes lab; they start and end together.
 */
export async function startOperator(
  kubernetes: Kubernetes,
  kafka: KafkaLab,
  { version, connect }: { version: 'v1beta2' | 'v1'; connect: string },
) {
  const path = `/apis/kafka.strimzi.io/${version}/namespaces/${namespace}/kafkamirrormaker2s`
  // `state` came with 0.38.
  const old = connect < '3'
  const url = kafka.connect.target.url
  const call = async (method: string, where: string, body?: object) =>
    fetch(`${url}${where}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    })
  const connector = (name: string, rest = '') => `/connectors/${encodeURIComponent(name)}${rest}`

  /** The lab's mirror under the names that the operator gives. */
  async function adopt(from: string, to: string): Promise<void> {
    // While the workers rebalance they refuse everything.
    const insist = async (method: string, where: string, body?: object) => {
      const done = await waitFor(async () => {
        const answer = await call(method, where, body)
        return answer.ok ? answer : undefined
      }, 60_000)
      if (!done) throw new Error(`${method} ${where} was refused for 60 s`)
      return done
    }
    const config = (await (await insist('GET', connector(from, '/config'))).json()) as object
    await insist('DELETE', connector(from))
    await insist('PUT', connector(to, '/config'), { ...config, name: to })
  }

  await adopt('mirror-source', names.source)
  await adopt('mirror-checkpoint', names.checkpoint)
  const labels = { 'strimzi.io/cluster': 'mm2', 'strimzi.io/kind': 'KafkaMirrorMaker2' }
  const program = `console.log('ready'); process.on('SIGTERM', () => process.exit(0)); setInterval(() => undefined, 1000)`
  const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`
  await kubernetes.admin.post(deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'mm2-mirrormaker2', labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 3,
          containers: [{ name: 'mm2', image: 'local/process', command: ['node', '-e', program] }],
        },
      },
    },
  })
  const source = { config: { 'source.consumer.isolation.level': 'read_committed' }, tasksMax: 2 }
  const resource = (name: string, topics: string) => ({
    apiVersion: `kafka.strimzi.io/${version}`,
    kind: 'KafkaMirrorMaker2',
    metadata: { name },
    spec: {
      version: `${connect}.2`,
      replicas: 1,
      clusters: [{ alias: 'source' }, { alias: 'target' }],
      mirrors: [
        {
          sourceCluster: 'source',
          topicsPattern: topics,
          targetCluster: 'target',
          sourceConnector: source,
          checkpointConnector: { pause: false },
        },
      ],
    },
  })
  await kubernetes.admin.post(path, resource('mm2', topic))

  let runs = true
  async function reconcile(): Promise<void> {
    const { metadata, spec } = (await kubernetes.admin.get(`${path}/mm2`)) as Resource
    if (spec.replicas === 0 && runs) {
      // The pod is there as long as its process.
      await kafka.connect.target.stop()
      await kubernetes.admin.patch(`${deployments}/mm2-mirrormaker2`, { spec: { replicas: 0 } })
      runs = false
    }
    if (spec.replicas > 0 && !runs) {
      await kafka.connect.target.restart()
      await kubernetes.admin.patch(`${deployments}/mm2-mirrormaker2`, { spec: { replicas: spec.replicas } })
      runs = true
    }
    const connectors: unknown[] = []
    for (const [kind, name] of [
      ['sourceConnector', names.source],
      ['checkpointConnector', names.checkpoint],
    ] as const) {
      if (!runs) continue
      const { state, pause } = spec.mirrors[0]?.[kind] ?? {}
      const wanted = (old ? undefined : state) ?? (pause ? 'paused' : 'running')
      const verb = { stopped: 'stop', paused: 'pause' }[wanted] ?? 'resume'
      await call('PUT', connector(name, `/${verb}`))
      const answer = await call('GET', connector(name, '/status'))
      if (answer.ok) connectors.push(await answer.json())
    }
    const status = { observedGeneration: metadata.generation, connectors }
    await kubernetes.admin.patch(`${path}/mm2/status`, { status })
  }

  const working = again(reconcile)
  return {
    /** Another resource of that namespace, with the same connectors. */
    another: (name: string, topics: string) => kubernetes.admin.post(path, resource(name, topics)),
    async offsetsByRest(): Promise<unknown> {
      return (await call('GET', connector(names.source, '/offsets'))).json()
    },
    stop: working.stop,
  }
}

const connectorPath = (side: Side, name: string) =>
  `/apis/kafka.strimzi.io/v1/namespaces/shop-${side}/kafkaconnectors/${name}`

/** The same for a KafkaConnector on each side: what is done to the connector by REST alone does not last. */
export async function startConnectorOperator(
  { admin }: Kubernetes,
  name: string,
  urls: Readonly<Record<Side, string>>,
  states: Readonly<Record<Side, string>>,
) {
  for (const side of ['source', 'target'] as const)
    await admin.post(connectorPath(side, '').replace(/\/$/, ''), {
      apiVersion: 'kafka.strimzi.io/v1',
      kind: 'KafkaConnector',
      metadata: { name },
      spec: { class: 'org.apache.kafka.connect.file.FileStreamSourceConnector', state: states[side] },
    })
  const stateOf = async (side: Side) =>
    ((await admin.get(connectorPath(side, name))) as { spec: { state: string } }).spec.state
  const verbs: Readonly<Record<string, string>> = { stopped: 'stop', running: 'resume' }
  let works = true
  const working = again(async () => {
    for (const side of works ? (['source', 'target'] as const) : [])
      await fetch(`${urls[side]}/connectors/${name}/${verbs[await stateOf(side)]}`, { method: 'PUT' }).catch(
        () => undefined,
      )
  })
  return {
    stateOf,
    /** As when it is busy with others. */
    hold: (held: boolean) => {
      works = !held
    },
    stop: working.stop,
  }
}

/** An operator's loop: it looks, does what differs, and comes back, whatever came of it; `stop` lets the look at hand end. */
function again(reconcile: () => Promise<void>): { stop(): Promise<void> } {
  const ending = new AbortController()
  const working = (async () => {
    while (!ending.signal.aborted) {
      await reconcile().catch(() => undefined)
      await pause(everyMs)
    }
  })()
  return {
    async stop() {
      ending.abort()
      await working
    },
  }
}

const everyMs = 200
