import { CustomObjectsApi } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Access } from './access.js'
import { KubernetesError } from './errors.js'

const kafkaUserList = z.object({
  items: z.array(
    z.looseObject({
      metadata: z.looseObject({ name: z.string() }),
      spec: z.looseObject({ authentication: z.looseObject({ type: z.string() }).optional() }).default({}),
    }),
  ),
})

/** Strimzi's KafkaUser, as far as it matters here: its password or certificate lies in a Secret, which is not read. */
export interface KafkaUser {
  readonly name: string
  /** As ACLs name it: `User:shop`, `User:CN=shop` */
  readonly principal: string
  /** scram-sha-512, tls, tls-external; undefined: none. */
  readonly authentication: string | undefined
}

const [group, plural] = ['kafka.strimzi.io', 'kafkausers']

/** The users that Strimzi's User Operator keeps for one Kafka cluster. */
export function createKafkaUsers(access: Access) {
  const objects = new CustomObjectsApi(access.configuration)
  const { namespace, call } = access
  return {
    async list(version: 'v1beta2' | 'v1', cluster: string): Promise<readonly KafkaUser[]> {
      const labelSelector = `strimzi.io/cluster=${cluster}`
      const found = await call({ verb: 'list', resource: plural }, () =>
        objects.listNamespacedCustomObject({ group, version, plural, namespace, labelSelector }),
      )
      const read = kafkaUserList.safeParse(found)
      if (!read.success)
        throw new KubernetesError('refused', `The KafkaUsers in ${namespace} are not as Strimzi's ${version} has them`)
      return read.data.items.map(({ metadata: { name }, spec }) => {
        const authentication = spec.authentication?.type
        return { name, principal: `User:${authentication?.startsWith('tls') ? 'CN=' : ''}${name}`, authentication }
      })
    },
  }
}
