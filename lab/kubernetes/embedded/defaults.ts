import type { KubernetesObject, PodSpec, Workload } from '../objects.js'

/** What the API server fills in when the writer left it out, as far as a reader could ask for it. */
export function withDefaults(object: KubernetesObject): KubernetesObject {
  switch (object.kind) {
    case 'Deployment':
      return workload(object, {
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      })
    case 'StatefulSet':
      return workload(object, {
        podManagementPolicy: 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        revisionHistoryLimit: 10,
      })
    case 'ReplicaSet':
      return workload(object, {})
    case 'Pod':
      return {
        ...object,
        spec: podSpec(object.spec as PodSpec),
        status: object.status ?? { phase: 'Pending', qosClass: 'BestEffort' },
      }
    case 'Namespace':
      return { ...object, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }
    case 'Secret':
      return secret(object)
    default:
      return object
  }
}

function workload(object: KubernetesObject, extra: object): KubernetesObject {
  const spec = object.spec as Workload['spec'] | undefined
  if (!spec?.template?.spec) return object
  const template = { ...spec.template, spec: podSpec(spec.template.spec) }
  return { ...object, spec: { ...extra, ...spec, replicas: spec.replicas ?? 1, template }, status: object.status ?? {} }
}

function secret({
  stringData,
  ...object
}: KubernetesObject & { stringData?: Record<string, string>; data?: object }): KubernetesObject {
  const encoded = Object.entries(stringData ?? {}).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
  return { type: 'Opaque', ...object, data: { ...object.data, ...Object.fromEntries(encoded) } } as KubernetesObject
}

function podSpec(spec: PodSpec): PodSpec {
  const containers = (spec?.containers ?? []).map((container) => ({
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    ...container,
  }))
  const common = {
    restartPolicy: 'Always' as const,
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  }
  return { ...common, ...spec, containers }
}
