import { CustomObjectsApi, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Access } from './access.js'

export type StrimziVersion = 'v1beta2' | 'v1'
export type KafkaConnectors = ReturnType<typeof createKafkaConnectors>

const [group, plural] = ['kafka.strimzi.io', 'kafkaconnectors']
const versioned = z.object({ metadata: z.object({ resourceVersion: z.string() }) })

/** Strimzi's KafkaConnector: the resource has the name of its connector. */
export function createKafkaConnectors({ namespace, quickConfiguration, call }: Access) {
  const objects = new CustomObjectsApi(quickConfiguration)
  return {
    /** A merge patch of its spec; refused with `conflict` when somebody changed the resource meanwhile. */
    async change(version: StrimziVersion, name: string, spec: Readonly<Record<string, unknown>>): Promise<void> {
      const of = { group, version, plural, namespace, name }
      const found = await call({ verb: 'get', resource: plural, name }, () => objects.getNamespacedCustomObject(of))
      const { resourceVersion } = versioned.parse(found).metadata
      const body = { metadata: { resourceVersion }, spec }
      await call({ verb: 'patch', resource: plural, name }, () =>
        objects.patchNamespacedCustomObject(
          { ...of, body },
          setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
        ),
      )
    },
  }
}
