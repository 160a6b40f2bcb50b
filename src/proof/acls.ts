import type { Acl } from '../connect/kafka/types.js'

/** `allow User:shop write topic orders` */
export function sayAcl({ permission, principal, operation, resource, name, pattern, host }: Acl): string {
  const from = host === '*' ? '' : ` from ${host}`
  return `${permission} ${principal} ${operation} ${resource} ${name}${pattern === 'prefixed' ? '*' : ''}${from}`
}

/** What the first has and the second lacks. */
export function lacking(first: readonly Acl[], second: readonly Acl[]): readonly Acl[] {
  const there = new Set(second.map(sayAcl))
  return first.filter((acl) => !there.has(sayAcl(acl)))
}

/**
 * Why MirrorMaker's own ACL sync would not bring a right; undefined: it would. It lists the bindings of topics, and keeps those of literal
 * names that it mirrors, but for ALLOW WRITE (MirrorSourceConnector.syncTopicAcls, shouldReplicateAcl, targetAclBinding).
 */
export function droppedBySync(acl: Acl, topics: readonly string[]): string | undefined {
  const { resource, pattern, name, operation, permission } = acl
  if (resource !== 'topic') return 'what is not on a topic'
  if (pattern !== 'literal') return 'prefixes'
  if (!topics.includes(name)) return 'topics that it does not mirror'
  if (permission === 'deny') return undefined
  return operation === 'write' ? 'ALLOW WRITE' : operation === 'all' ? 'ALLOW ALL, which it makes a READ' : undefined
}

/**
 * The fence: a DENY of WRITE to everybody beats every ALLOW, and leaves those as they are. Strimzi's User Operator re-adds the
 * ACLs of a KafkaUser that were taken away, but leaves those of `*` alone up to 0.47 (SimpleAclOperator, IGNORED_USERS); from 0.48 on
 * it takes them away too, unless STRIMZI_IGNORED_USERS_PATTERN matches `*` (strimzi#11711). The gate `fenced` sees that.
 */
export const anyFence = {
  resource: 'topic',
  pattern: 'literal',
  principal: 'User:*',
  host: '*',
  operation: 'write',
  permission: 'deny',
} as const satisfies Omit<Acl, 'name'>
export const fenceOf = (topic: string): Acl => ({ ...anyFence, name: topic })

export function isFence(acl: Acl): boolean {
  return sayAcl(acl) === sayAcl(fenceOf(acl.name))
}

export function isFenced(acls: readonly Acl[], topic: string): boolean {
  return acls.some((acl) => acl.name === topic && isFence(acl))
}

/** Everybody is denied to write it, by a fence or by any other ACL: super users are beyond it. */
export function isShut(acls: readonly Acl[], topic: string): boolean {
  return acls.some(
    (acl) =>
      acl.resource === 'topic' &&
      covers(acl, topic) &&
      isWrite(acl) &&
      acl.permission === 'deny' &&
      acl.principal === 'User:*' &&
      acl.host === '*',
  )
}

/**
 * Topics to be fenced and open yet: only those that some ACL lets be written. Where none does, either nobody may write anyhow, or the
 * cluster lets everybody do everything on what has no ACL, and the fence as its first one would shut readers out too.
 */
export function unfenced(acls: readonly Acl[], topics: readonly string[]): readonly string[] {
  return topics.filter((topic) => !isFenced(acls, topic) && writersByAcl(acls, topic).length > 0)
}

/** The principals that some ACL lets write a topic and none forbids; super users are in no ACL. */
export function writersByAcl(acls: readonly Acl[], topic: string): readonly string[] {
  if (isShut(acls, topic)) return []
  const here = acls.filter((acl) => acl.resource === 'topic' && covers(acl, topic) && isWrite(acl))
  const denied = new Set(
    here.filter((acl) => acl.permission === 'deny' && acl.host === '*').map((acl) => acl.principal),
  )
  const allowed = here.filter(({ permission, principal }) => permission === 'allow' && !denied.has(principal))
  return [...new Set(allowed.map(({ principal }) => principal))]
}

const isWrite = ({ operation }: Acl) => operation === 'write' || operation === 'all'
const covers = ({ name, pattern }: Acl, topic: string) =>
  pattern === 'prefixed' ? topic.startsWith(name) : name === topic || name === '*'
