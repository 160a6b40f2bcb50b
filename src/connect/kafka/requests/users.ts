import type { Call } from './call.js'

export const describeUsersKey = 50

export interface DescribedUsers {
  readonly error: number
  readonly users: readonly { readonly error: number; readonly user: string; readonly mechanisms: readonly number[] }[]
}

/** DescribeUserScramCredentials v0 (KIP-554, Kafka 2.7): every user with a SCRAM credential; salts and keys are never told. */
export function describeScramUsers(): Call<DescribedUsers> {
  return {
    name: 'DescribeUserScramCredentials',
    apiKey: describeUsersKey,
    apiVersion: 0,
    flexible: true,
    write: (body) => body.compactArray(null, () => undefined).tags(),
    read: (body) => {
      body.int32()
      const error = body.int16()
      body.compactString()
      const users = body.compactArray(() => {
        const user = body.compactString()
        const failed = body.int16()
        body.compactString()
        const mechanisms = body.compactArray(() => {
          const mechanism = body.int8()
          body.int32()
          body.tags()
          return mechanism
        })
        body.tags()
        return { error: failed, user, mechanisms }
      })
      body.tags()
      return { error, users }
    },
  }
}
