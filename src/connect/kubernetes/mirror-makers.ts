import { CoreV1Api, CustomObjectsApi, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Access } from './access.js'
import { KubernetesError } from './errors.js'

const connectorSpec = z.looseObject({
  state: z.string().optional(),
  pause: z.boolean().optional(),
  config: z.record(z.string(), z.unknown()).optional(),
})
const mirrorSpec = z.looseObject({
  sourceCluster: z.string().optional(),
  targetCluster: z.string().optional(),
  source: z.looseObject({ alias: z.string() }).optional(),
  topicsPattern: z.string().optional(),
  topicsExcludePattern: z.string().optional(),
  topicsBlacklistPattern: z.string().optional(),
  groupsPattern: z.string().optional(),
  groupsExcludePattern: z.string().optional(),
  groupsBlacklistPattern: z.string().optional(),
  sourceConnector: connectorSpec.optional(),
  checkpointConnector: connectorSpec.optional(),
})
const mirrorMaker = z.object({
  metadata: z.object({
    generation: z.number(),
    resourceVersion: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.looseObject({
    version: z.string().optional(),
    replicas: z.number().optional(),
    target: z.looseObject({ alias: z.string() }).optional(),
    mirrors: z.array(mirrorSpec),
  }),
  status: z
    .looseObject({
      observedGeneration: z.number().optional(),
      connectors: z
        .array(
          z.looseObject({
            name: z.string(),
            connector: z.object({ state: z.string() }),
            tasks: z.array(z.object({ id: z.number(), state: z.string(), trace: z.string().optional() })).default([]),
          }),
        )
        .optional(),
    })
    .default({}),
})

const mirrorMakerList = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) })

/** Strimzi's KafkaMirrorMaker2, as far as it matters here; what is not known of `spec.mirrors` is kept. */
export type MirrorMaker = z.infer<typeof mirrorMaker>
export type MirrorSpec = z.infer<typeof mirrorSpec>
export type MirrorMakerVersion = 'v1beta2' | 'v1'

export type MirrorMakers = ReturnType<typeof createMirrorMakers>

const [group, plural] = ['kafka.strimzi.io', 'kafkamirrormaker2s']

export function createMirrorMakers(access: Access) {
  const objects = new CustomObjectsApi(access.quickConfiguration)
  const core = new CoreV1Api(access.quickConfiguration)
  const { namespace, call } = access
  return {
    async get(version: MirrorMakerVersion, name: string): Promise<MirrorMaker> {
      const found = await call({ verb: 'get', resource: plural, name }, () =>
        objects.getNamespacedCustomObject({ group, version, plural, namespace, name }),
      )
      const read = mirrorMaker.safeParse(found)
      if (read.success) return read.data
      const [issue] = read.error.issues
      throw new KubernetesError(
        'refused',
        `KafkaMirrorMaker2 ${name} in ${namespace} is not as Strimzi's ${version} has it: ${issue?.path.join('.')}: ${issue?.message}`,
      )
    },
    /** The names of all that are in the namespace. */
    async names(version: MirrorMakerVersion): Promise<readonly string[]> {
      const found: unknown = await call({ verb: 'list', resource: plural }, () =>
        objects.listNamespacedCustomObject({ group, version, plural, namespace }),
      )
      return mirrorMakerList.parse(found).items.map(({ metadata }) => metadata.name)
    },
    /** A merge patch; refused with `conflict` when the resource has changed since that version was read. */
    async patch(version: MirrorMakerVersion, name: string, resourceVersion: string, change: object): Promise<void> {
      const { metadata = {}, ...rest } = change as { metadata?: object }
      const body = { ...rest, metadata: { ...metadata, resourceVersion } }
      await call({ verb: 'patch', resource: plural, name }, () =>
        objects.patchNamespacedCustomObject(
          { group, version, plural, namespace, name, body },
          setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
        ),
      )
    },
    /** Its pods that are there, those that are ending included. */
    async pods(name: string): Promise<number> {
      const labelSelector = `strimzi.io/cluster=${name},strimzi.io/kind=KafkaMirrorMaker2`
      const found = await call({ verb: 'list', resource: 'pods' }, () =>
        core.listNamespacedPod({ namespace, labelSelector }),
      )
      return found.items.filter((pod) => !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')).length
    },
  }
}
