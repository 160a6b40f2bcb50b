import type { ConnectionOptions } from 'node:tls'

/** How one cluster is reached; secrets are resolved by the caller. */
export interface KafkaConfig {
  /** host:port */
  readonly bootstrap: readonly string[]
  readonly clientId: string
  readonly ssl?: ConnectionOptions
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  }
  /** How long one request may take before the broker counts as silent. */
  readonly requestWithinMs?: number
  /** How long a whole call, with its retries, may take. */
  readonly callWithinMs?: number
  /** How long reading ranges of logs may take. */
  readonly scanWithinMs?: number
  /** Told of every request sent, by the name of its API. */
  readonly onRequest?: (api: string) => void
}

/** Offsets by topic and partition. */
export type Offsets = ReadonlyMap<string, ReadonlyMap<number, bigint>>

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** The offsets from `from` up to and without `to`. */
export interface Range extends TopicPartition {
  readonly from: bigint
  readonly to: bigint
}

/** One record by its bytes, not taken apart: enough to compare millions. */
export interface PackedRecord {
  readonly offset: bigint
  /** Epoch milliseconds; the broker's time where the topic says LogAppendTime. */
  readonly timestamp: number
  /** Key, value and headers, each behind its length, as they lie in the log: it is equal where they are, in the same order. */
  readonly content: Buffer
}

/** One record as it lies in the log: bytes as written, null apart from empty, headers in order. */
export interface LogRecord extends PackedRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [key: Buffer, value: Buffer | null])[]
}

/** A record to be written; the log gives it its offset. */
export type NewRecord = Omit<LogRecord, 'offset' | 'content'>

/** Records that were written together: they share producer, transaction and kind. */
export interface Batch {
  readonly baseOffset: bigint
  readonly lastOffset: bigint
  /** How many records it still holds; compaction may have taken some. */
  readonly count: number
  /** -1: not idempotent. */
  readonly producerId: bigint
  /** Grows each time that its transactional id is taken over; -1: not idempotent. */
  readonly producerEpoch: number
  readonly transactional: boolean
  /** The end of a transaction, which no consumer sees; undefined for data. */
  readonly control: 'commit' | 'abort' | 'other' | undefined
  readonly maxTimestamp: number
  /** Bytes in the log, compressed as it lies there. */
  readonly size: number
  /** Decompresses; leaves out nothing, so filter by offset at the borders of a range. */
  records(): readonly LogRecord[]
  /** The same, not taken apart. */
  packed(): readonly PackedRecord[]
}

export interface PartitionState {
  readonly partition: number
  /** -1: none. */
  readonly leader: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

export interface ClusterState {
  readonly brokers: ReadonlyMap<number, string>
  readonly topics: ReadonlyMap<string, readonly PartitionState[]>
}

export interface GroupMember {
  readonly memberId: string
  readonly clientId: string
  readonly host: string
  /** Undefined where the member's metadata could not be read. */
  readonly subscribes: readonly string[] | undefined
}

/** `unknown`: the broker does not say, e.g. a group of a kind that a classic request does not show. Never read it as empty. */
export type GroupLife = 'empty' | 'live' | 'absent' | 'unknown'

export interface GroupState {
  readonly group: string
  readonly life: GroupLife
  /** In the broker's own words: Stable, PreparingRebalance, Empty, Dead, … */
  readonly state: string
  readonly members: readonly GroupMember[]
}

export type TopicConfigs = ReadonlyMap<string, ReadonlyMap<string, string>>

/** One config of a topic or a broker. */
export interface ConfigEntry {
  readonly key: string
  /** The effective value; null where there is none. */
  readonly value: string | null
  /** True: set on the topic (or broker) itself; false: inherited or the default. */
  readonly set: boolean
}

export interface NewTopic {
  readonly topic: string
  readonly partitions: number
  readonly replicas: number
  readonly configs: Readonly<Record<string, string>>
}

export interface ListedGroup {
  readonly group: string
  readonly protocolType: string
  /** Undefined before ListGroups v4 (Kafka 2.6). */
  readonly state: string | undefined
  /** classic, consumer, share, streams; undefined before ListGroups v5 (Kafka 3.8). */
  readonly type: string | undefined
}

/** In the order of the protocol's codes, from 2 on. */
export const aclResources = ['topic', 'group', 'cluster', 'transactional-id', 'token', 'user'] as const
export const aclOperations = [
  'all',
  'read',
  'write',
  'create',
  'delete',
  'alter',
  'describe',
  'cluster-action',
  'describe-configs',
  'alter-configs',
  'idempotent-write',
  'create-tokens',
  'describe-tokens',
] as const

export type AclOperation = (typeof aclOperations)[number]

/** One binding: who may, or may not, do what on which resource. */
export interface Acl {
  readonly resource: (typeof aclResources)[number]
  /** `*` with a literal pattern is every resource of the kind. */
  readonly name: string
  readonly pattern: 'literal' | 'prefixed'
  /** `User:shop` */
  readonly principal: string
  readonly host: string
  readonly operation: AclOperation
  readonly permission: 'allow' | 'deny'
}
