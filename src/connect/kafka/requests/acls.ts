import type { Reader, Writer } from '../bytes.js'
import { type Acl, aclOperations, aclResources } from '../types.js'
import type { Call } from './call.js'

const any = 1
const patterns = { literal: 3, prefixed: 4 } as const
const permissions = { deny: 2, allow: 3 } as const
/** The protocol's codes begin at 2; 0 is unknown and 1 any. */
const codeOf = (names: readonly string[], name: string) => names.indexOf(name) + 2
const nameOf = <T extends string>(names: readonly T[], code: number): T | undefined => names[code - 2]

export interface DescribedAcls {
  readonly error: number
  readonly acls: readonly Acl[]
}

/** DescribeAcls v1 (Kafka 2.0): every binding that there is, or those that are like this. Kinds that this version does not know are left out. */
export function describeAcls(like: Partial<Acl> = {}): Call<DescribedAcls> {
  return {
    name: 'DescribeAcls',
    apiKey: 29,
    apiVersion: 1,
    write: (body) =>
      body
        .int8(like.resource ? codeOf(aclResources, like.resource) : any)
        .string(like.name ?? null)
        .int8(like.pattern ? patterns[like.pattern] : any)
        .string(like.principal ?? null)
        .string(like.host ?? null)
        .int8(like.operation ? codeOf(aclOperations, like.operation) : any)
        .int8(like.permission ? permissions[like.permission] : any),
    read: (body) => {
      body.int32()
      const error = body.int16()
      body.nullableString()
      const acls = body
        .array(() => {
          const on = resource(body)
          return body.array(() => ({ ...on, ...binding(body) }))
        })
        .flat()
      return { error, acls: acls.flatMap(known) }
    },
  }
}

export interface AnsweredAcl {
  readonly error: number
  readonly message: string | null
}

/** CreateAcls v1; one that is there already stays as it is. */
export function createAcls(acls: readonly Acl[]): Call<AnsweredAcl[]> {
  return {
    name: 'CreateAcls',
    apiKey: 30,
    apiVersion: 1,
    write: (body) => body.array(acls, (acl) => write(body, acl)),
    read: (body) => {
      body.int32()
      return body.array(() => ({ error: body.int16(), message: body.nullableString() }))
    },
  }
}

/** DeleteAcls v1 of exactly these bindings. */
export function deleteAcls(acls: readonly Acl[]): Call<AnsweredAcl[]> {
  return {
    name: 'DeleteAcls',
    apiKey: 31,
    apiVersion: 1,
    write: (body) => body.array(acls, (acl) => write(body, acl)),
    read: (body) => {
      body.int32()
      return body.array(() => {
        const one = { error: body.int16(), message: body.nullableString() }
        body.array(() => {
          body.int16()
          body.nullableString()
          resource(body)
          binding(body)
        })
        return one
      })
    },
  }
}

function write(body: Writer, { resource, name, pattern, principal, host, operation, permission }: Acl) {
  body
    .int8(codeOf(aclResources, resource))
    .string(name)
    .int8(patterns[pattern])
    .string(principal)
    .string(host)
    .int8(codeOf(aclOperations, operation))
    .int8(permissions[permission])
}

const resource = (body: Reader) => ({ type: body.int8(), name: body.string(), pattern: body.int8() })
const binding = (body: Reader) => ({
  principal: body.string(),
  host: body.string(),
  operation: body.int8(),
  permission: body.int8(),
})

function known(one: ReturnType<typeof resource> & ReturnType<typeof binding>): Acl[] {
  const type = nameOf(aclResources, one.type)
  const operation = nameOf(aclOperations, one.operation)
  if (!type || !operation) return []
  return [
    {
      resource: type,
      name: one.name,
      pattern: one.pattern === patterns.prefixed ? 'prefixed' : 'literal',
      principal: one.principal,
      host: one.host,
      operation,
      permission: one.permission === permissions.deny ? 'deny' : 'allow',
    },
  ]
}
