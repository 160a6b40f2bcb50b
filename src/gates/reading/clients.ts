import type { Side } from '../../config/migration.js'
import type { OwnRights } from '../../connect/kafka/acls.js'
import type {
  Acl,
  Batch,
  ClusterState,
  ConfigEntry,
  TopicConfigs as Configs,
  GroupState,
  Offsets,
  Range,
} from '../../connect/kafka/types.js'
import type { ScramUser } from '../../connect/kafka/users.js'
import type { ConnectorOffset, ConnectorStatus } from '../../connect/kafka-connect/kafka-connect.js'
import type { KafkaUser } from '../../connect/kubernetes/kafka-users.js'

/** Narrow views of the clusters, put together by each gate and action from what it needs. */
export interface Ends {
  endOffsets(topics: readonly string[]): Promise<Offsets>
}
export interface Starts {
  startOffsets(topics: readonly string[]): Promise<Offsets>
}
export interface TimedOffsets {
  offsetsAt(topics: readonly string[], epochMs: number): Promise<Offsets>
}
export interface SizesOf {
  /** Bytes on disk. */
  sizes(topics: readonly string[]): Promise<Offsets>
}
export interface Scans {
  scan(ranges: readonly Range[], visit: (range: Range, batch: Batch) => void): Promise<readonly bigint[]>
}
export interface Stables {
  stableOffsets(topics: readonly string[]): Promise<Offsets>
}
export interface Commits {
  committed(groups: readonly string[]): Promise<ReadonlyMap<string, Offsets>>
}
export interface Groups {
  describe(groups: readonly string[]): Promise<readonly GroupState[]>
}
export interface TopicConfigs {
  topicConfigs(topics: readonly string[], keys: readonly string[]): Promise<Configs>
}
export interface ConfigEntries {
  configEntries(topics: readonly string[]): Promise<ReadonlyMap<string, readonly ConfigEntry[]>>
}
export interface BrokerEntries {
  brokerEntries(): Promise<ReadonlyMap<number, readonly ConfigEntry[]>>
}
export interface ReadsAcls {
  acls(): Promise<readonly Acl[] | undefined>
}
export interface Replicas {
  state(topics?: readonly string[]): Promise<ClusterState>
}
export interface Connectors {
  status(connector: string): Promise<ConnectorStatus | undefined>
}
export interface ConnectorOffsets {
  offsets(connector: string): Promise<readonly ConnectorOffset[]>
}
export interface ConnectorSettings {
  settings(connector: string, keys: readonly string[]): Promise<Readonly<Record<string, string>>>
}

export interface ReadsOwnRights {
  readonly kafka: Readonly<Record<Side, { ownRights(topics: readonly string[]): Promise<OwnRights> }>>
}

/** Who may log in: to Kafka itself, and by the resources of Strimzi's User Operator. */
export interface ReadsUsers {
  readonly kafka: Readonly<Record<Side, { scramUsers(): Promise<readonly ScramUser[] | undefined> }>>
  kafkaUsers(side: Side): Promise<readonly KafkaUser[] | undefined>
}

/** Deps of a gate that looks at Kafka on both sides. */
export interface OnKafka<Client> {
  readonly kafka: Readonly<Record<Side, Client>>
}

/** Deps of a gate that looks at Kafka Connect, by the address that migration.yaml gives. */
export interface OnConnect<Client> {
  connect(url: string): Client
}

/** Deps of a gate whose look has a bound in time. */
export interface Timed {
  /** Milliseconds since whenever, never backwards. */
  clock(): number
}
