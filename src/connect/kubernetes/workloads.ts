import {
  AppsV1Api,
  CoreV1Api,
  type V1Deployment,
  type V1LabelSelector,
  type V1StatefulSet,
} from '@kubernetes/client-node'
import type { Access } from './access.js'
import { KubernetesError } from './errors.js'
import { type Pod, podOf } from './pod.js'

/** A workload and its pods, as of one look. */
export interface Workload {
  /** Replicas wanted. */
  readonly replicas: number
  readonly ready: number
  readonly resourceVersion: string
  readonly pods: readonly Pod[]
}

/** Workloads are named as in migration.yaml: `Deployment/NAME` or `StatefulSet/NAME`. */
export function createWorkloads(access: Access) {
  const apps = new AppsV1Api(access.configuration)
  const scales = new AppsV1Api(access.quickConfiguration)
  const core = new CoreV1Api(access.configuration)
  const { namespace, call } = access

  /** Three lists, however many workloads: a gate over hundreds of apps costs no more than over one. */
  async function listed(workloads: readonly string[]): Promise<Map<string, V1Deployment | V1StatefulSet>> {
    const asked = workloads.map(split)
    const found = new Map<string, V1Deployment | V1StatefulSet>()
    await Promise.all(
      kinds
        .filter((kind) => asked.some((one) => one.kind === kind))
        .map(async (kind) => {
          for (const one of await list(kind)) found.set(`${kind}/${one.metadata?.name}`, one)
        }),
    )
    const missing = workloads.filter((workload) => !found.has(workload))
    if (missing.length > 0)
      throw new KubernetesError(
        'not-found',
        `${missing.join(', ')}: not in namespace ${namespace}. Check workload: in migration.yaml, or deploy it.`,
      )
    return found
  }

  async function list(kind: Kind): Promise<(V1Deployment | V1StatefulSet)[]> {
    const resource = resources[kind]
    const one = (token?: string) =>
      call({ verb: 'list', resource }, () => {
        const page = { namespace, limit: pageSize, ...(token ? { _continue: token } : {}) }
        return kind === 'Deployment' ? apps.listNamespacedDeployment(page) : apps.listNamespacedStatefulSet(page)
      })
    return everyPage<V1Deployment | V1StatefulSet>(one)
  }

  const listPods = async () =>
    (
      await everyPage((token) =>
        call({ verb: 'list', resource: 'pods' }, () =>
          core.listNamespacedPod({ namespace, limit: pageSize, ...(token ? { _continue: token } : {}) }),
        ),
      )
    ).map(podOf)

  return {
    /** Replicas wanted, by workload. A workload that is not there is an error: it is a mistake in migration.yaml. */
    async replicas(workloads: readonly string[]): Promise<ReadonlyMap<string, number>> {
      const found = await listed(workloads)
      return new Map(workloads.map((workload) => [workload, found.get(workload)?.spec?.replicas ?? 1]))
    },

    async seen(workloads: readonly string[]): Promise<ReadonlyMap<string, Workload>> {
      // Pods are read after the counts: one that a count of zero has let go may be missed, one that is there may not.
      const found = await listed(workloads)
      const pods = await listPods()
      return new Map(
        workloads.map((workload) => {
          const { metadata, spec, status } = found.get(workload)!
          return [
            workload,
            {
              replicas: spec?.replicas ?? 1,
              ready: status?.readyReplicas ?? 0,
              resourceVersion: metadata?.resourceVersion ?? '',
              pods: pods.filter((pod) => selects(spec?.selector, pod.labels)),
            },
          ]
        }),
      )
    },

    async scale(workload: string): Promise<{ replicas: number; resourceVersion: string }> {
      const { kind, name } = split(workload)
      const scale = await call({ verb: 'get', resource: `${resources[kind]}/scale`, name }, () =>
        kind === 'Deployment'
          ? scales.readNamespacedDeploymentScale({ name, namespace })
          : scales.readNamespacedStatefulSetScale({ name, namespace }),
      )
      return { replicas: scale.spec?.replicas ?? 0, resourceVersion: scale.metadata?.resourceVersion ?? '' }
    },

    /** Refused with `conflict` when the workload has changed since `resourceVersion` was read. */
    async setScale(workload: string, replicas: number, resourceVersion: string): Promise<void> {
      const { kind, name } = split(workload)
      const body = {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name, namespace, resourceVersion },
        spec: { replicas },
      }
      await call({ verb: 'update', resource: `${resources[kind]}/scale`, name }, () =>
        kind === 'Deployment'
          ? scales.replaceNamespacedDeploymentScale({ name, namespace, body })
          : scales.replaceNamespacedStatefulSetScale({ name, namespace, body }),
      )
    },
  }
}

const kinds = ['Deployment', 'StatefulSet'] as const
type Kind = (typeof kinds)[number]
const resources: Record<Kind, string> = { Deployment: 'deployments', StatefulSet: 'statefulsets' }
const pageSize = 500

function split(workload: string): { kind: Kind; name: string } {
  const [kind, name] = workload.split('/')
  if (!name || !kinds.includes(kind as Kind))
    throw new KubernetesError('config', `${workload}: expected Deployment/NAME or StatefulSet/NAME in migration.yaml.`)
  return { kind: kind as Kind, name }
}

async function everyPage<T>(
  page: (token?: string) => Promise<{ items: T[]; metadata?: { _continue?: string } }>,
): Promise<T[]> {
  const items: T[] = []
  let token: string | undefined
  do {
    const next = await page(token)
    items.push(...next.items)
    token = next.metadata?._continue
  } while (token)
  return items
}

/** The same rules as the API server's own; an empty selector selects nothing here, never everything. */
function selects(selector: V1LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(selector?.matchLabels ?? {})
  const expressions = selector?.matchExpressions ?? []
  if (wanted.length + expressions.length === 0) return false
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    expressions.every(({ key, operator, values }) => {
      const value = labels[key]
      if (operator === 'In') return value !== undefined && (values ?? []).includes(value)
      if (operator === 'NotIn') return value === undefined || !(values ?? []).includes(value)
      if (operator === 'Exists') return value !== undefined
      return operator === 'DoesNotExist' && value === undefined
    })
  )
}
