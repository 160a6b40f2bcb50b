/** Every failure of this room, with the broker or partition it concerns and what to do about it; never a secret. */
export class KafkaError extends Error {
  override readonly name = 'KafkaError'

  constructor(
    readonly code: KafkaErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

export type KafkaErrorCode =
  | 'unreachable'
  | 'refused'
  | 'timed-out'
  | 'no-leader'
  | 'unknown-topic'
  | 'unreadable'
  | 'group-live'
  | 'fenced'
  | 'too-large'
  | 'not-coordinated'
  | 'unsupported'
  | 'protocol'

/** The protocol's error codes that this room tells apart (https://kafka.apache.org/protocol#protocol_error_codes). */
export const protocolError = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeaderOrFollower: 6,
  requestTimedOut: 7,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  messageTooLarge: 10,
  notCoordinator: 16,
  rebalanceInProgress: 27,
  unknownMemberId: 25,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  clusterAuthorizationFailed: 31,
  unsupportedVersion: 35,
  topicAlreadyExists: 36,
  notController: 41,
  invalidProducerEpoch: 47,
  concurrentTransactions: 51,
  transactionalIdAuthorizationFailed: 53,
  securityDisabled: 54,
  groupIdNotFound: 69,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  offsetNotAvailable: 78,
  unstableOffsetCommit: 88,
  producerFenced: 90,
} as const

const refusals: ReadonlyMap<number, string> = new Map([
  [protocolError.topicAuthorizationFailed, 'on the topic'],
  [protocolError.groupAuthorizationFailed, 'on the group'],
  [protocolError.clusterAuthorizationFailed, 'on the cluster'],
  [protocolError.transactionalIdAuthorizationFailed, 'on the transactional id'],
])
const passing = new Set<number>([
  protocolError.unknownTopicOrPartition,
  protocolError.leaderNotAvailable,
  protocolError.notLeaderOrFollower,
  protocolError.coordinatorLoading,
  protocolError.coordinatorNotAvailable,
  protocolError.notCoordinator,
  protocolError.fencedLeaderEpoch,
  protocolError.unknownLeaderEpoch,
  protocolError.offsetNotAvailable,
  protocolError.unstableOffsetCommit,
])

/** True for answers that a newer look at the metadata or a moment's patience can change. */
export function isPassing(code: number): boolean {
  return passing.has(code)
}

/** A protocol error code as an error that says what was asked of whom, and what to do. */
export function answered(code: number, what: string): KafkaError {
  if (refusals.has(code))
    return new KafkaError(
      'refused',
      `${what}: refused by the broker (${code}). Give the bot's user the missing right ${refusals.get(code)} by ACL; the gate rights and deploy/migration.yaml name them`,
    )
  if (code === protocolError.unknownTopicOrPartition)
    return new KafkaError('unknown-topic', `${what}: no such topic or partition, or no right to see it`)
  if (code === protocolError.leaderNotAvailable || code === protocolError.notLeaderOrFollower)
    return new KafkaError('no-leader', `${what}: no leader answers. Look at the brokers before going on`)
  if (code === protocolError.unknownMemberId || code === protocolError.rebalanceInProgress)
    return new KafkaError('group-live', `${what}: the group has live members. Stop its consumers first`)
  if (code === protocolError.invalidProducerEpoch || code === protocolError.producerFenced)
    return new KafkaError('fenced', `${what}: another replica has taken it over since. It goes on from there`)
  if (code === protocolError.messageTooLarge)
    return new KafkaError(
      'too-large',
      `${what}: a record is larger than the topic takes. Raise max.message.bytes there`,
    )
  return new KafkaError('protocol', `${what}: the broker answered with error ${code}`)
}
