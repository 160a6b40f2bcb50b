import type { Acl } from '../connect/kafka/types.js'
import type { ScramUser } from '../connect/kafka/users.js'
import type { KafkaUser } from '../connect/kubernetes/kafka-users.js'

/** Who may log in on one side, as far as it can be asked; a part that is undefined cannot. */
export interface KnownUsers {
  /** By password, in the cluster itself. */
  readonly scram: readonly ScramUser[] | undefined
  /** By resource, where Strimzi's User Operator owns users and rights. */
  readonly resources: readonly KafkaUser[] | undefined
}

export interface UserDifference {
  readonly principal: string
  readonly what: string
  readonly source: string
  readonly target: string
  /** What a person has to do: passwords are nobody's to copy. */
  readonly stays: string
}

/** Users of the source that cannot log in on the target, by all that can be asked. */
export function missingUsers(source: KnownUsers, target: KnownUsers): readonly UserDifference[] {
  const principals = new Set([...namesIn(source), ...namesIn(target)])
  return [...principals].flatMap((principal) => {
    const [here, there] = [of(source, principal), of(target, principal)]
    if (!here.resource && here.mechanisms.length === 0) return []
    const noResource = target.resources !== undefined && !there.resource
    const noLogin = target.scram !== undefined && here.mechanisms.some((one) => !there.mechanisms.includes(one))
    if (!noResource && !noLogin) return []
    return [
      {
        principal,
        what: `user ${principal.replace(/^User:/, '')}`,
        source: say(source, here),
        target: say(target, there),
        stays: stays(target, there, principal),
      },
    ]
  })
}

/** Rights whose owner on that side is the User Operator: it takes away those that no KafkaUser names. */
export function ownedByOperator({ principal }: Acl): boolean {
  return principal !== 'User:*' && principal !== 'User:ANONYMOUS'
}

interface OfUser {
  readonly resource: KafkaUser | undefined
  readonly mechanisms: readonly string[]
}

function namesIn({ scram, resources }: KnownUsers): readonly string[] {
  return [...(scram ?? []).map(({ user }) => `User:${user}`), ...(resources ?? []).map(({ principal }) => principal)]
}

function of({ scram, resources }: KnownUsers, principal: string): OfUser {
  const resource = resources?.find((one) => one.principal === principal)
  const known = scram?.find(({ user }) => `User:${user}` === principal)?.mechanisms
  // A cluster before 2.7 does not tell, but its User Operator does.
  const told = !scram && resource?.authentication === 'scram-sha-512' ? ['SCRAM-SHA-512'] : []
  return { resource, mechanisms: known ?? told }
}

function say({ scram, resources }: KnownUsers, { resource, mechanisms }: OfUser): string {
  return [
    ...(resource ? [`KafkaUser ${resource.name}`] : resources ? ['no KafkaUser'] : []),
    ...(mechanisms.length > 0 ? [mechanisms.join(' and ')] : scram ? ['no password'] : []),
  ].join(', ')
}

function stays({ resources }: KnownUsers, { resource }: OfUser, principal: string): string {
  const name = principal.replace(/^User:(CN=)?/, '')
  if (!resources) return 'make it by hand: passwords are not told'
  return resource ? `see whether KafkaUser ${name} is Ready` : `apply a KafkaUser ${name}`
}
