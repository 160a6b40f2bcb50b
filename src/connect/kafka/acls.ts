import type { Connections } from './connections.js'
import { answered, KafkaError, protocolError } from './errors.js'
import type { Metadata } from './metadata.js'
import { type AnsweredAcl, createAcls, deleteAcls, describeAcls } from './requests/acls.js'
import type { Call } from './requests/call.js'
import { ownRights } from './requests/rights.js'
import type { Acl, AclOperation } from './types.js'

export interface Acls {
  /** Every binding, or those that are like one; undefined: the cluster has no authorizer, so everybody may do everything. Needs DESCRIBE on the cluster. */
  acls(like?: Partial<Acl>): Promise<readonly Acl[] | undefined>
  /**
   * As each broker has them: they learn of a change one after the other, from the metadata log or from ZooKeeper, and
   * each allows and denies by what it knows. By address; one that cannot be reached is left out, since no app reaches it either, and `silent`
   * is one that has not answered within a second. Without an authorizer there are none.
   */
  aclsOfBrokers(like: Partial<Acl>): Promise<ReadonlyMap<string, readonly Acl[] | 'silent'>>
  /** Needs ALTER on the cluster; what is there already stays. */
  addAcls(acls: readonly Acl[]): Promise<void>
  /** Exactly these; what is not there is no error. */
  removeAcls(acls: readonly Acl[]): Promise<void>
  /** What the user that asks may do itself; all where there is no authorizer, nothing with a topic that it may not see. A topic that is not there is left out. */
  ownRights(topics: readonly string[]): Promise<OwnRights>
}

export interface OwnRights {
  readonly cluster: readonly AclOperation[]
  readonly topics: ReadonlyMap<string, readonly AclOperation[]>
}

export function createAclsApi(connections: Connections, metadata: Metadata): Acls {
  const change = async (call: Call<AnsweredAcl[]>) => {
    const failed = (await connections.send(await metadata.anyAddress(), call)).find(({ error }) => error !== 0)
    if (!failed) return
    const error = answered(failed.error, call.name)
    throw error.code === 'protocol' && failed.message
      ? new KafkaError('protocol', `${call.name}: ${failed.message}`)
      : error
  }
  const aclsAt = async (address: string, like?: Partial<Acl>) => {
    const { error, acls } = await connections.send(address, describeAcls(like))
    if (error === protocolError.securityDisabled) return undefined
    if (error) throw answered(error, 'DescribeAcls')
    return acls
  }
  return {
    acls: async (like) => aclsAt(await metadata.anyAddress(), like),
    async aclsOfBrokers(like) {
      const addresses = await metadata.addresses()
      const asked = await Promise.all(
        addresses.map((address) =>
          unlessSilent(aclsAt(address, like)).then(
            (acls) => [[address, acls ?? []] as const],
            (error: unknown) => {
              if (error instanceof KafkaError && error.code === 'unreachable') return []
              throw error
            },
          ),
        ),
      )
      return new Map(asked.flat())
    },
    addAcls: (acls) => change(createAcls(acls)),
    removeAcls: (acls) => change(deleteAcls(acls)),
    async ownRights(topics) {
      const { cluster, topics: found } = await connections.send(await metadata.anyAddress(), ownRights(topics))
      const there = found.filter(({ error }) => error !== protocolError.unknownTopicOrPartition)
      return { cluster, topics: new Map(there.map(({ topic, error, may }) => [topic, error ? [] : may])) }
    },
  }
}

/** A change that has four seconds has to hear of all the others meanwhile, and to look again. */
const silentAfterMs = 1000

async function unlessSilent<T>(answer: Promise<T>): Promise<T | 'silent'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'silent'>((resolve) => {
    timer = setTimeout(() => resolve('silent'), silentAfterMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
