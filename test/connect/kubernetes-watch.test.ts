import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createKubernetes, type KubernetesError, type PodChange } from '../../src/connect/kubernetes/index.js'
import { eventually, programs, startLab } from './kubernetes-lab.js'

let lab: Awaited<ReturnType<typeof startLab>>
let wire: Awaited<ReturnType<typeof startWire>>
beforeAll(async () => {
  lab = await startLab()
  const kubeconfig = await readFile(lab.lab.kubeconfig, 'utf8')
  const server = new URL(/server: (\S+)/.exec(kubeconfig)![1]!)
  wire = await startWire(Number(server.port))
  await writeFile(`${lab.lab.kubeconfig}.wire`, kubeconfig.replaceAll(server.port, String(wire.port)))
}, 60_000)
afterAll(async () => {
  wire?.close()
  await lab?.stop()
}, 30_000)

it('tells what happened while it was cut off, once, and that it had been cut off', async () => {
  const kubernetes = createKubernetes({
    kubeconfig: `${lab.lab.kubeconfig}.wire`,
    context: 'source',
    namespace: 'shop-source',
  })
  await lab.deploy('source', 'stays', programs.steady)
  await lab.deploy('source', 'goes', programs.steady)
  const changes: PodChange[] = []
  const troubles: (KubernetesError | undefined)[] = []
  const stop = new AbortController()
  const watching = kubernetes.watchPods(
    { onChange: (change) => changes.push(change), onTrouble: (trouble) => troubles.push(trouble) },
    stop.signal,
  )
  const named = (pod: { name: string } | undefined, name: string) => pod?.name.startsWith(`${name}-`)
  for (const name of ['stays', 'goes'])
    await eventually(`${name} is ready`, () => changes.find(({ now }) => named(now, name) && now?.ready))

  const before = changes.length
  wire.cut()
  const { source } = lab.workloads
  const { resourceVersion } = await source.scale('Deployment/goes')
  await source.setScale('Deployment/goes', 0, resourceVersion)
  await eventually('the pod has gone unseen', async () =>
    (await source.seen(['Deployment/goes'])).get('Deployment/goes')!.pods.length === 0 ? true : undefined,
  )
  await eventually('the trouble', () => troubles[0])
  wire.mend()
  await eventually('the news', () =>
    changes.slice(before).find((change) => named(change.before, 'goes') && !change.now),
  )
  expect(troubles[0]).toMatchObject({ code: 'unreachable' })
  await eventually('the all-clear', () => (troubles.length === 2 && troubles[1] === undefined ? true : undefined))
  expect(changes.slice(before).filter((change) => named(change.before, 'goes') && !change.now)).toHaveLength(1)

  await lab.deploy('source', 'comes', programs.steady)
  await eventually('what comes later', () => changes.find(({ now }) => named(now, 'comes') && now?.ready))
  stop.abort()
  await watching
}, 60_000)

/** A wire to a port of this machine that can be cut and mended. */
async function startWire(to: number) {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((socket) => {
    if (isCut) return socket.destroy()
    const onward = connect(to, '127.0.0.1')
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    },
    mend() {
      isCut = false
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
