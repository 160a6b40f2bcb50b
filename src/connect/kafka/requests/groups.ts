import { Reader } from '../bytes.js'
import type { GroupMember, ListedGroup } from '../types.js'
import type { Call } from './call.js'

export interface DescribedGroup {
  readonly error: number
  readonly group: string
  readonly state: string
  readonly protocolType: string
  readonly members: readonly GroupMember[]
}

/** DescribeGroups v1: it knows classic groups only; one of the new protocol (KIP-848) looks Dead and without members, however alive it is. */
export function describeGroups(groups: readonly string[]): Call<DescribedGroup[]> {
  return {
    name: 'DescribeGroups',
    apiKey: 15,
    apiVersion: 1,
    write: (body) => body.array(groups, (group) => body.string(group)),
    read: (body) => {
      body.int32()
      return body.array(() => {
        const error = body.int16()
        const group = body.string()
        const state = body.string()
        const protocolType = body.string()
        body.string()
        const members = body.array(() => {
          const memberId = body.string()
          const clientId = body.string()
          const host = body.string()
          const subscription = body.bytes32()
          body.bytes32()
          return {
            memberId,
            clientId,
            host,
            subscribes: protocolType === 'consumer' ? subscribed(subscription) : undefined,
          }
        })
        return { error, group, state, protocolType, members }
      })
    },
  }
}

export interface DescribedConsumerGroup {
  readonly error: number
  readonly group: string
  readonly state: string
  readonly members: readonly GroupMember[]
}

/** ConsumerGroupDescribe v0 (KIP-848, Kafka 3.7): groups of the new protocol, which DescribeGroups calls dead. */
export function describeConsumerGroups(groups: readonly string[]): Call<DescribedConsumerGroup[]> {
  return {
    name: 'ConsumerGroupDescribe',
    apiKey: 69,
    apiVersion: 0,
    flexible: true,
    write: (body) =>
      body
        .compactArray(groups, (group) => body.compactString(group))
        .int8(0)
        .tags(),
    read: (body) => {
      body.int32()
      return body.compactArray(() => {
        const error = body.int16()
        body.compactString()
        const group = body.compactString()
        const state = body.compactString()
        body.int32()
        body.int32()
        body.compactString()
        const members = body.compactArray(() => modernMember(body))
        body.int32()
        body.tags()
        return { error, group, state, members }
      })
    },
  }
}

function modernMember(body: Reader): GroupMember {
  const memberId = body.compactString()
  body.compactString()
  body.compactString()
  body.int32()
  const clientId = body.compactString()
  const host = body.compactString()
  const named = body.compactArray(() => body.compactString())
  const byPattern = body.compactString() !== ''
  assignedTopics(body)
  const given = assignedTopics(body)
  body.tags()
  // What a pattern means is the broker's to say: it shows in what the member is to be given.
  return { memberId, clientId, host, subscribes: byPattern ? [...new Set([...named, ...given])] : named }
}

function assignedTopics(body: Reader): readonly string[] {
  const topics = body.compactArray(() => {
    body.take(16)
    const topic = body.compactString()
    body.compactArray(() => body.int32())
    body.tags()
    return topic
  })
  body.tags()
  return topics
}

/** ListGroups at the newest version that a broker speaks, since each adds what tells a live group from a dead one. */
export function listGroups(maxVersion: number): Call<{ error: number; groups: ListedGroup[] }> {
  const version = maxVersion >= 5 ? 5 : maxVersion >= 4 ? 4 : 2
  const flexible = version >= 4
  return {
    name: 'ListGroups',
    apiKey: 16,
    apiVersion: version,
    flexible,
    write: (body) => {
      if (!flexible) return
      body.compactArray([], () => undefined)
      if (version >= 5) body.compactArray([], () => undefined)
      body.tags()
    },
    read: (body) => {
      body.int32()
      const error = body.int16()
      const groups = flexible
        ? body.compactArray(() => {
            const group = body.compactString()
            const protocolType = body.compactString()
            const state = body.compactString()
            const type = version >= 5 ? body.compactString() : undefined
            body.tags()
            return { group, protocolType, state, type }
          })
        : body.array(() => ({ group: body.string(), protocolType: body.string(), state: undefined, type: undefined }))
      return { error, groups }
    },
  }
}

/** The topics in a consumer's subscription, which is opaque to the broker (ConsumerProtocolSubscription). */
function subscribed(metadata: Buffer): readonly string[] | undefined {
  if (metadata.length === 0) return undefined
  try {
    const reader = new Reader(metadata)
    reader.int16()
    return reader.array(() => reader.string())
  } catch {
    return undefined
  }
}
