import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKubernetes } from '../../lab/kubernetes/index.js'
import type { Side } from '../../src/config/migration.js'
import { createKubernetes, type Kubernetes } from '../../src/connect/kubernetes/index.js'

/** A Kubernetes API with pods that are processes, and the bot's own door to both sides of it. */
export async function startLab() {
  const namespaces = { source: 'shop-source', target: 'shop-target' }
  const folder = await mkdtemp(join(tmpdir(), 'floodgate-kubernetes-'))
  const lab = await startKubernetes({ folder, kind: 'embedded', namespaces }, () => undefined)
  const as = (context: string, side: Side) =>
    createKubernetes({ kubeconfig: lab.kubeconfig, context, namespace: namespaces[side] })
  const workloads: Record<Side, Kubernetes> = { source: as('source', 'source'), target: as('target', 'target') }
  return {
    lab,
    as,
    workloads,
    deploy: (
      side: Side,
      name: string,
      program: string,
      { replicas = 1, memory }: { replicas?: number; memory?: string } = {},
    ) =>
      lab.admin.post(
        `/apis/apps/v1/namespaces/${namespaces[side]}/deployments`,
        deployment(name, program, replicas, memory),
      ),
    removePod: (side: Side, name: string) => lab.admin.remove(`/api/v1/namespaces/${namespaces[side]}/pods/${name}`),
    async stop() {
      await lab.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const programs = {
  steady: `console.log('ready'); process.on('SIGTERM', () => process.exit(0)); setInterval(() => undefined, 1000)`,
  complaining: `console.log('ready'); console.log('ERROR payment refused, password=hunter2'); process.on('SIGTERM', () => process.exit(0)); setInterval(() => undefined, 1000)`,
  slowToEnd: `console.log('ready'); process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000)`,
  crashing: `console.log('Exception in thread "main" java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory or process/resource limits reached'); process.exitCode = 3`,
  hungry: `const eaten = []; console.log('ready'); setInterval(() => eaten.push(Buffer.alloc(8 << 20, 1)), 10)`,
}

function deployment(name: string, program: string, replicas: number, memory: string | undefined) {
  const labels = { app: name }
  const resources = memory === undefined ? {} : { resources: { limits: { memory } } }
  const containers = [{ name: 'app', image: 'local/process', command: ['node', '-e', program], ...resources }]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers, terminationGracePeriodSeconds: 3 } },
    },
  }
}

/** Waits for the thing itself, with a deadline. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  withinMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
