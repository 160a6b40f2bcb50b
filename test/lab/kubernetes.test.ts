import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  ApiException,
  AppsV1Api,
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1Deployment,
  type V1Pod,
  VersionApi,
  Watch,
} from '@kubernetes/client-node'
import { type Kubernetes, startKubernetes } from '../../lab/kubernetes/index.js'

const namespaces = { source: 'shop-source', target: 'shop-target' }
const namespace = namespaces.source
const mergePatch = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
/** The first start of the real API server compiles it. */
const startWithinMs = 20 * 60_000

describe.each(['embedded', 'real'] as const)('the %s Kubernetes API', (kind) => {
  let folder: string
  let lab: Kubernetes

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'floodgate-kubernetes-'))
    lab = await startKubernetes({ folder, kind, namespaces }, () => undefined)
  }, startWithinMs)

  afterAll(async () => {
    await lab?.stop()
    await rm(folder, { recursive: true, force: true })
  }, 30_000)

  const as = (context: string) => {
    const config = new KubeConfig()
    config.loadFromFile(lab.kubeconfig)
    config.setCurrentContext(context)
    return {
      config,
      apps: config.makeApiClient(AppsV1Api),
      core: config.makeApiClient(CoreV1Api),
      authentication: config.makeApiClient(AuthenticationV1Api),
      authorization: config.makeApiClient(AuthorizationV1Api),
      version: config.makeApiClient(VersionApi),
    }
  }
  const bot = () => as('source')
  const admin = () => as('admin@source')

  const podsOf = async (name: string) =>
    (await bot().core.listNamespacedPod({ namespace, labelSelector: `app=${name}` })).items

  const readyPods = (name: string, count: number) =>
    eventually(`${count} ready pods of ${name}`, async () => {
      const pods = await podsOf(name)
      return pods.length === count && pods.every(isReady) ? pods : undefined
    })

  const noPods = (name: string) =>
    eventually(`no pods of ${name}`, async () => ((await podsOf(name)).length === 0 ? true : undefined))

  it('takes a deployment to zero and back: its pods are processes that come, log, go, and come again', async () => {
    const { apps, core } = bot()
    await admin().apps.createNamespacedDeployment({
      namespace,
      body: deployment('orders', { replicas: 2, script: talker }),
    })
    const first = await readyPods('orders', 2)
    for (const pod of first) expect(isAlive(processOf(pod))).toBe(true)
    const name = first[0]!.metadata!.name!
    const log = await eventually('a log of three lines', async () => {
      const text = await core.readNamespacedPodLog({ namespace, name, tailLines: 3 })
      return text.split('\n').length === 4 ? text : undefined
    })
    expect(log).toMatch(new RegExp(`${name} in ${namespace} counts \\d+\n$`))

    const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'orders' })
    expect(scale.spec?.replicas).toBe(2)
    const stale = { ...scale, metadata: { ...scale.metadata, resourceVersion: '1' }, spec: { replicas: 0 } }
    expect(
      await refusal(apps.replaceNamespacedDeploymentScale({ namespace, name: 'orders', body: stale })),
    ).toMatchObject({
      code: 409,
      body: { kind: 'Status', status: 'Failure', reason: 'Conflict', details: { name: 'orders' } },
    })
    const stalePatch = { metadata: { resourceVersion: '1' }, spec: { replicas: 0 } }
    expect(
      await refusal(apps.patchNamespacedDeploymentScale({ namespace, name: 'orders', body: stalePatch }, mergePatch)),
    ).toMatchObject({ code: 409 })

    const rehearsed = await apps.patchNamespacedDeploymentScale(
      { namespace, name: 'orders', body: { spec: { replicas: 0 } }, dryRun: 'All' },
      mergePatch,
    )
    expect(rehearsed.spec?.replicas ?? 0).toBe(0)
    expect((await apps.readNamespacedDeploymentScale({ namespace, name: 'orders' })).spec?.replicas).toBe(2)

    const stopped = await eventually('a write on the version just read', async () => {
      const { metadata } = await apps.readNamespacedDeploymentScale({ namespace, name: 'orders' })
      const body = { metadata: { resourceVersion: metadata?.resourceVersion }, spec: { replicas: 0 } }
      return unlessConflict(apps.patchNamespacedDeploymentScale({ namespace, name: 'orders', body }, mergePatch))
    })
    expect(stopped.spec?.replicas ?? 0).toBe(0)
    await noPods('orders')
    for (const pod of first) expect(isAlive(processOf(pod))).toBe(false)
    await eventually('a settled deployment', async () => {
      const { status, metadata } = await apps.readNamespacedDeployment({ namespace, name: 'orders' })
      return status?.observedGeneration === metadata?.generation && (status?.replicas ?? 0) === 0 ? true : undefined
    })

    await apps.patchNamespacedDeploymentScale(
      { namespace, name: 'orders', body: { spec: { replicas: 1 } } },
      mergePatch,
    )
    await readyPods('orders', 1)
    await admin().apps.deleteNamespacedDeployment({ namespace, name: 'orders' })
    await noPods('orders')
  }, 60_000)

  it('shows to a watcher how a pod came, got ready, was told to go, ended and went', async () => {
    const seen: { type: string; pod: V1Pod }[] = []
    const { items, metadata } = await bot().core.listNamespacedPod({ namespace })
    expect(items.filter(({ metadata: { name } = {} }) => name?.startsWith('watched'))).toEqual([])
    const watching = await new Watch(bot().config).watch(
      `/api/v1/namespaces/${namespace}/pods`,
      { resourceVersion: metadata?.resourceVersion, labelSelector: 'app=watched', allowWatchBookmarks: true },
      (type, object) => type !== 'BOOKMARK' && seen.push({ type, pod: object as V1Pod }),
      () => undefined,
    )
    await admin().apps.createNamespacedDeployment({
      namespace,
      body: deployment('watched', { replicas: 1, script: talker }),
    })
    await readyPods('watched', 1)
    await bot().apps.patchNamespacedDeploymentScale(
      { namespace, name: 'watched', body: { spec: { replicas: 0 } } },
      mergePatch,
    )
    await eventually('the end', async () => seen.find(({ type }) => type === 'DELETED'))
    watching.abort()

    expect(seen[0]).toMatchObject({ type: 'ADDED', pod: { status: { phase: 'Pending' } } })
    expect(seen.some(({ pod }) => isReady(pod))).toBe(true)
    expect(seen.some(({ type, pod }) => type === 'MODIFIED' && pod.metadata?.deletionTimestamp)).toBe(true)
    expect(seen.at(-1)?.pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 0,
      reason: 'Completed',
    })
    await admin().apps.deleteNamespacedDeployment({ namespace, name: 'watched' })
  }, 60_000)

  it('kills what outstays its grace, and says so with exit code 137', async () => {
    const ends: V1Pod[] = []
    await admin().apps.createNamespacedDeployment({
      namespace,
      body: deployment('deaf', { replicas: 1, script: deaf, graceSeconds: 1 }),
    })
    const [pod] = await readyPods('deaf', 1)
    const watching = await new Watch(bot().config).watch(
      `/api/v1/namespaces/${namespace}/pods`,
      { labelSelector: 'app=deaf' },
      (type, object) => type === 'DELETED' && ends.push(object as V1Pod),
      () => undefined,
    )
    await admin().apps.deleteNamespacedDeployment({ namespace, name: 'deaf' })
    await eventually('the end', async () => ends[0])
    watching.abort()
    expect(ends[0]?.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
    expect(isAlive(processOf(pod!))).toBe(false)
  }, 60_000)

  it('starts a crashed container again and keeps the log of the start before', async () => {
    await admin().apps.createNamespacedDeployment({
      namespace,
      body: deployment('crashing', { replicas: 1, script: crashing }),
    })
    const pod = await eventually('a second start', async () =>
      (await podsOf('crashing')).find(({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0),
    )
    expect(pod.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' })
    const previous = await bot().core.readNamespacedPodLog({ namespace, name: pod.metadata!.name!, previous: true })
    expect(previous).toBe('last words\n')
    await admin().apps.deleteNamespacedDeployment({ namespace, name: 'crashing' })
    await noPods('crashing')
  }, 60_000)

  it('shows a container that the kernel killed for its memory as OOMKilled', async () => {
    if ('missing' in lab.limits) return console.warn(`skipped: ${lab.limits.missing}`)
    await admin().apps.createNamespacedDeployment({
      namespace,
      body: deployment('hungry', { replicas: 1, script: hungry, memory: '96Mi' }),
    })
    const pod = await eventually('a killed container', async () =>
      (await podsOf('hungry')).find(({ status }) => status?.containerStatuses?.[0]?.lastState?.terminated),
    )
    expect(pod.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
      exitCode: 137,
      reason: 'OOMKilled',
    })
    await admin().apps.deleteNamespacedDeployment({ namespace, name: 'hungry' })
    await noPods('hungry')
  }, 60_000)

  it('starts the pods of a stateful set one after the other and ends them from the last', async () => {
    const { metadata, spec } = deployment('dam', { replicas: 2, script: talker })
    const body = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: metadata!,
      spec: { ...spec!, serviceName: 'dam' },
    }
    await admin().apps.createNamespacedStatefulSet({ namespace, body })
    const pods = await readyPods('dam', 2)
    expect(pods.map(({ metadata }) => metadata?.name)).toEqual(['dam-0', 'dam-1'])
    const { apps } = bot()
    await apps.patchNamespacedStatefulSetScale({ namespace, name: 'dam', body: { spec: { replicas: 1 } } }, mergePatch)
    const left = await readyPods('dam', 1)
    expect(left[0]?.metadata?.name).toBe('dam-0')
    const none = await eventually('a write on the version just read', async () => {
      const scale = await apps.readNamespacedStatefulSetScale({ namespace, name: 'dam' })
      const write = apps.replaceNamespacedStatefulSetScale({
        namespace,
        name: 'dam',
        body: { ...scale, spec: { replicas: 0 } },
      })
      return unlessConflict(write)
    })
    expect(none.spec?.replicas ?? 0).toBe(0)
    await noPods('dam')
    await admin().apps.deleteNamespacedStatefulSet({ namespace, name: 'dam' })
  }, 60_000)

  it('lets the bot do what its role says and nothing more, and answers the same shape each time', async () => {
    const { core, apps, authorization } = bot()
    const refused = await refusal(apps.deleteNamespacedDeployment({ namespace, name: 'orders' }))
    expect(refused).toMatchObject({
      code: 403,
      body: {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        reason: 'Forbidden',
        message: `deployments.apps "orders" is forbidden: User "floodgate" cannot delete resource "deployments" in API group "apps" in the namespace "${namespace}"`,
        details: { name: 'orders', group: 'apps', kind: 'deployments' },
        code: 403,
      },
    })
    expect(await refusal(core.listNamespacedSecret({ namespace }))).toMatchObject({
      code: 403,
      body: {
        message: `secrets is forbidden: User "floodgate" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`,
      },
    })
    expect(await refusal(core.listNamespacedPod({ namespace: 'default' }))).toMatchObject({ code: 403 })
    expect(await refusal(core.listPodForAllNamespaces())).toMatchObject({
      code: 403,
      body: { message: expect.stringContaining('at the cluster scope') },
    })
    expect(await refusal(apps.readNamespacedDeployment({ namespace, name: 'nobody' }))).toMatchObject({
      code: 404,
      body: {
        reason: 'NotFound',
        message: 'deployments.apps "nobody" not found',
        details: { name: 'nobody', group: 'apps', kind: 'deployments' },
      },
    })
    const may = async (verb: string, resource: string, subresource?: string) => {
      const resourceAttributes = { verb, group: 'apps', resource, namespace, ...(subresource && { subresource }) }
      const review = await authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } })
      return review.status?.allowed
    }
    expect([
      await may('patch', 'deployments', 'scale'),
      await may('patch', 'deployments'),
      await may('list', 'statefulsets'),
    ]).toEqual([true, false, true])
  })

  it('says who a person is, and lets people read but not write', async () => {
    const alice = as('alice@source')
    const review = await alice.authentication.createSelfSubjectReview({ body: {} })
    expect(review.status?.userInfo?.username).toBe('alice')
    expect(review.status?.userInfo?.groups).toContain('system:authenticated')
    await alice.apps.listNamespacedDeployment({ namespace })
    expect(
      await refusal(
        alice.apps.patchNamespacedDeploymentScale(
          { namespace, name: 'orders', body: { spec: { replicas: 0 } } },
          mergePatch,
        ),
      ),
    ).toMatchObject({ code: 403 })
  })

  it('refuses a token that it does not know', async () => {
    const config = new KubeConfig()
    config.loadFromFile(lab.kubeconfig)
    const stranger = new KubeConfig()
    stranger.loadFromClusterAndUser(config.clusters[0]!, { name: 'stranger', token: 'wrong' })
    expect(await refusal(stranger.makeApiClient(CoreV1Api).listNamespacedPod({ namespace }))).toMatchObject({
      code: 401,
    })
  })

  it('keeps the notes of the bot, and refuses to overwrite a newer one', async () => {
    const { core } = bot()
    const made = await core.createNamespacedConfigMap({
      namespace,
      body: { metadata: { name: 'notes' }, data: { head: '1' } },
    })
    expect(
      await refusal(core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'notes' } } })),
    ).toMatchObject({ code: 409, body: { reason: 'AlreadyExists' } })
    const second = await core.replaceNamespacedConfigMap({
      namespace,
      name: 'notes',
      body: { ...made, data: { head: '2' } },
    })
    expect(Number(second.metadata?.resourceVersion)).toBeGreaterThan(Number(made.metadata?.resourceVersion))
    expect(
      await refusal(
        core.replaceNamespacedConfigMap({ namespace, name: 'notes', body: { ...made, data: { head: '3' } } }),
      ),
    ).toMatchObject({
      code: 409,
      body: { reason: 'Conflict', message: expect.stringContaining('the object has been modified') },
    })
    await core.patchNamespacedConfigMap({ namespace, name: 'notes', body: { data: { tail: '4' } } }, mergePatch)
    expect((await core.readNamespacedConfigMap({ namespace, name: 'notes' })).data).toEqual({ head: '2', tail: '4' })
  })

  it('refuses what no workload can be', async () => {
    const { apps } = admin()
    const mismatch = deployment('mismatch', { replicas: 1, script: talker })
    mismatch.spec!.template.metadata!.labels = { app: 'other' }
    expect(await refusal(apps.createNamespacedDeployment({ namespace, body: mismatch }))).toMatchObject({
      code: 422,
      body: { reason: 'Invalid', message: expect.stringContaining('`selector` does not match template `labels`') },
    })
  })

  it('tells a watcher whose version is long gone to list again', async () => {
    const events: { type: string; object: { code?: number; reason?: string } }[] = []
    const watching = await new Watch(bot().config).watch(
      `/api/v1/namespaces/${namespace}/pods`,
      { resourceVersion: '1' },
      (type, object) => events.push({ type, object }),
      () => undefined,
    )
    await eventually('an answer', async () => events[0])
    watching.abort()
    expect(events[0]).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
  })

  it('lets a container have no more processes than its limit', async () => {
    if ('missing' in lab.limits) return console.warn(`skipped: ${lab.limits.missing}`)
    const body = deployment('forking', { replicas: 1, script: forking })
    body.spec!.template.metadata!.annotations = { 'floodgate.lab/pids': '30' }
    await admin().apps.createNamespacedDeployment({ namespace, body })
    const [pod] = await readyPods('forking', 1)
    const log = await bot().core.readNamespacedPodLog({ namespace, name: pod!.metadata!.name! })
    expect(log).toContain('EAGAIN')
    await admin().apps.deleteNamespacedDeployment({ namespace, name: 'forking' })
    await noPods('forking')
  }, 60_000)

  it('names its version', async () => {
    expect(await bot().version.getCode()).toMatchObject({ major: '1', minor: '33', gitVersion: 'v1.33.13' })
  })
})

const talker = `
  console.log('ready')
  let count = 0
  setInterval(() => console.log(process.env.POD_NAME + ' in ' + process.env.POD_NAMESPACE + ' counts ' + ++count), 50)
  process.on('SIGTERM', () => process.exit(0))`
const deaf = `process.on('SIGTERM', () => console.log('no')); console.log('ready'); setInterval(() => undefined, 1000)`
const crashing = `console.log('last words'); process.exitCode = 3`
const forking = `
  const { spawn } = require('node:child_process')
  const failed = (error) => console.log(error.code + '\\nready')
  for (let started = 0; started < 40; started++) spawn('sleep', ['60']).on('error', failed)`
const hungry = `const eaten = []; console.log('ready'); setInterval(() => eaten.push(Buffer.alloc(8 << 20, 1)), 10)`

function deployment(
  name: string,
  {
    replicas,
    script,
    memory,
    graceSeconds,
  }: { replicas: number; script: string; memory?: string; graceSeconds?: number },
): V1Deployment {
  const labels = { app: name }
  const container = {
    name: 'app',
    image: 'local/process',
    command: ['node', '-e', script],
    ...(memory && { resources: { limits: { memory } } }),
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels } },
        spec: {
          containers: [container],
          ...(graceSeconds !== undefined && { terminationGracePeriodSeconds: graceSeconds }),
        },
      },
    },
  }
}

function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false
}

/** The kubelet of the lab names a container after its process: `process://PID`. */
function processOf({ status }: V1Pod): number {
  return Number(status?.containerStatuses?.[0]?.containerID?.replace('process://', ''))
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`)
}

async function refusal(call: Promise<unknown>): Promise<{ code: number; body: unknown }> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof ApiException)) throw error
    return {
      code: error.code,
      body: typeof error.body === 'string' && error.body ? JSON.parse(error.body) : error.body,
    }
  }
  throw new Error('it was not refused')
}

/** A change of the status counts as a version too: who writes on a version may have to read again. */
async function unlessConflict<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write
  } catch (error) {
    if (error instanceof ApiException && error.code === 409) return undefined
    throw error
  }
}

async function eventually<T>(what: string, look: () => Promise<T | undefined>, withinMs = 30_000): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
