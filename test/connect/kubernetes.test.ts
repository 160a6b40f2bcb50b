import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createKubernetes, type PodChange } from '../../src/connect/kubernetes/index.js'
import { eventually, programs, startLab } from './kubernetes-lab.js'

describe('connect/kubernetes', () => {
  let lab: Awaited<ReturnType<typeof startLab>>
  beforeAll(async () => {
    lab = await startLab()
  }, 60_000)
  afterAll(() => lab?.stop(), 30_000)

  const ready = (name: string, count: number) =>
    eventually(`${count} ready pods of ${name}`, async () => {
      const seen = (await lab.workloads.source.seen([`Deployment/${name}`])).get(`Deployment/${name}`)!
      return seen.ready === count && seen.pods.filter((pod) => pod.ready).length === count ? seen : undefined
    })

  it('sees a workload, scales it on the version it read, and refuses a version that has passed', async () => {
    const { source } = lab.workloads
    await lab.deploy('source', 'orders', programs.steady, { replicas: 2 })
    const seen = await ready('orders', 2)
    expect(seen.pods[0]).toMatchObject({ phase: 'Running', ready: true, restarts: 0, workload: 'Deployment/orders' })
    expect(await source.replicas(['Deployment/orders'])).toEqual(new Map([['Deployment/orders', 2]]))

    const { replicas, resourceVersion } = await source.scale('Deployment/orders')
    expect(replicas).toBe(2)
    await source.setScale('Deployment/orders', 0, resourceVersion)
    await expect(source.setScale('Deployment/orders', 2, resourceVersion)).rejects.toMatchObject({ code: 'conflict' })
    await eventually('no pods', async () => {
      const now = (await source.seen(['Deployment/orders'])).get('Deployment/orders')!
      return now.replicas === 0 && now.pods.length === 0 ? true : undefined
    })
  })

  it('says which workload is not there', async () => {
    await expect(lab.workloads.source.seen(['Deployment/nobody'])).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('Deployment/nobody: not in namespace shop-source'),
    })
  })

  it('names verb, resource and namespace of what it may not do, and no token', async () => {
    const error = await lab
      .as('alice@source', 'source')
      .setScale('Deployment/orders', 0, '1')
      .then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      )
    expect(error).toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/Grant verb "update" on "deployments\/scale" in namespace shop-source/),
    })
    expect(String(error?.message)).not.toMatch(/bearer|authorization/i)
  })

  it('ends when nobody answers', async () => {
    const sockets = new Set<Socket>()
    const mute = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const folder = await mkdtemp(join(tmpdir(), 'floodgate-mute-'))
    const kubeconfig = join(folder, 'kubeconfig.json')
    await writeFile(kubeconfig, kubeconfigOf(`http://127.0.0.1:${(mute.address() as AddressInfo).port}`))
    const silent = createKubernetes({ kubeconfig, context: 'mute', namespace: 'shop', withinMs: 100 })
    await expect(silent.replicas(['Deployment/orders'])).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('list deployments in shop (context mute): no answer in time'),
    })
    for (const socket of sockets) socket.destroy()
    mute.close()
    await expect(silent.replicas(['Deployment/orders'])).rejects.toMatchObject({ code: 'unreachable' })
    await rm(folder, { recursive: true })
  })

  it('names the contexts there are when one is misspelt', () => {
    expect(() => createKubernetes({ kubeconfig: lab.lab.kubeconfig, context: 'sauce', namespace: 'x' })).toThrow(
      /no context sauce.*source, target/,
    )
  })

  it('knows as whom the cluster sees it', async () => {
    expect(await lab.workloads.source.whoAmI()).toBe('floodgate')
    expect(await lab.as('alice@source', 'source').whoAmI()).toBe('alice')
  })

  it('keeps notes of its own, and refuses to write over what another wrote', async () => {
    const { configMaps } = lab.workloads.source
    expect(await configMaps.get('floodgate-shop')).toBeUndefined()
    await configMaps.put('floodgate-shop', { head: '7' })
    const read = await configMaps.get('floodgate-shop')
    expect(read?.data).toEqual({ head: '7' })
    await configMaps.put('floodgate-shop', { head: '8' }, read?.resourceVersion)
    await expect(configMaps.put('floodgate-shop', { head: '9' }, read?.resourceVersion)).rejects.toMatchObject({
      code: 'conflict',
    })
    await expect(configMaps.put('floodgate-shop', { head: '9' })).rejects.toMatchObject({ code: 'conflict' })
  })

  it('reads the end of a log, and that of the container before the restart', async () => {
    const { source } = lab.workloads
    await lab.deploy('source', 'crash', programs.crashing)
    const pod = await eventually('a restart', async () => {
      const found = (await source.seen(['Deployment/crash'])).get('Deployment/crash')!.pods[0]
      return found && found.restarts > 0 ? found : undefined
    })
    expect(pod.lastEnd).toMatchObject({ exitCode: 3, container: 'app' })
    const lines = await source.logs(pod.name, { tailLines: 5, previous: true })
    expect(lines.at(-1)).toMatch(/unable to create native thread/)
  })

  it('tells of pods that come and go until it is told to stop', async () => {
    const { source } = lab.workloads
    const changes: PodChange[] = []
    const stop = new AbortController()
    const watching = source.watchPods(
      { onChange: (change) => changes.push(change), onTrouble: () => undefined },
      stop.signal,
    )
    await lab.deploy('source', 'watched', programs.steady)
    const of = (name: string) => changes.filter(({ before, now }) => (now ?? before)?.name.startsWith(name))
    await eventually('a ready pod', () => of('watched').find(({ now }) => now?.ready))
    const { resourceVersion } = await source.scale('Deployment/watched')
    await source.setScale('Deployment/watched', 0, resourceVersion)
    await eventually('its end', () => of('watched').find(({ now }) => now === undefined))
    expect(of('watched')[0]).not.toHaveProperty('before')
    expect(of('watched').some(({ now }) => now?.terminatingSince !== undefined)).toBe(true)
    stop.abort()
    await watching
  })
})

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'mute', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'mute', user: { token: 'none' } }],
    contexts: [{ name: 'mute', context: { cluster: 'mute', user: 'mute' } }],
  })
}
