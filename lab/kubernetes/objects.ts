/** The Kubernetes objects that the lab handles, as they stand in JSON, and only the fields that it reads or writes. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: Metadata
  spec?: unknown
  status?: unknown
}

export interface Metadata {
  name: string
  namespace?: string
  generateName?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

export interface Pod extends KubernetesObject {
  spec: PodSpec
  status?: PodStatus
}

export interface PodSpec {
  nodeName?: string
  containers: Container[]
  restartPolicy?: 'Always' | 'OnFailure' | 'Never'
  terminationGracePeriodSeconds?: number
}

export interface Container {
  name: string
  image?: string
  command?: string[]
  args?: string[]
  workingDir?: string
  env?: EnvironmentVariable[]
  envFrom?: { prefix?: string; configMapRef?: { name: string; optional?: boolean } }[]
  resources?: { limits?: Record<string, string> }
}

export interface EnvironmentVariable {
  name: string
  value?: string
  valueFrom?: {
    fieldRef?: { fieldPath: string }
    configMapKeyRef?: { name: string; key: string; optional?: boolean }
    secretKeyRef?: { name: string; key: string; optional?: boolean }
  }
}

export interface PodStatus {
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  conditions?: Condition[]
  containerStatuses?: ContainerStatus[]
  startTime?: string
  podIP?: string
  hostIP?: string
}

export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
  lastTransitionTime?: string
  lastUpdateTime?: string
}

export interface ContainerStatus {
  name: string
  image: string
  imageID: string
  containerID?: string
  ready: boolean
  started: boolean
  restartCount: number
  state: ContainerState
  lastState: ContainerState
}

export interface ContainerState {
  waiting?: { reason: string; message?: string }
  running?: { startedAt: string }
  terminated?: Termination
}

export interface Termination {
  exitCode: number
  reason: 'Completed' | 'Error' | 'OOMKilled'
  startedAt: string
  finishedAt: string
  containerID: string
}

export interface PodTemplate {
  metadata?: Partial<Metadata>
  spec: PodSpec
}

/** A Deployment, a ReplicaSet or a StatefulSet: what they have in common. */
export interface Workload extends KubernetesObject {
  spec: {
    replicas: number
    selector: { matchLabels?: Record<string, string> }
    template: PodTemplate
    podManagementPolicy?: 'OrderedReady' | 'Parallel'
    strategy?: { type?: 'RollingUpdate' | 'Recreate' }
  }
  status?: WorkloadStatus
}

export interface WorkloadStatus {
  observedGeneration?: number
  replicas?: number
  readyReplicas?: number
  conditions?: Condition[]
}

export interface List<T> {
  metadata: { resourceVersion: string }
  items: T[]
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: KubernetesObject & { code?: number; message?: string }
}
