import type { Connections } from './connections.js'
import { answered } from './errors.js'
import type { Metadata } from './metadata.js'
import { describeScramUsers, describeUsersKey } from './requests/users.js'
import type { Speaks } from './spoken.js'

export interface ScramUser {
  readonly user: string
  readonly mechanisms: readonly string[]
}

export interface Users {
  /** Who has a password in the cluster itself, never the password; undefined: brokers before Kafka 2.7 do not tell. Needs DESCRIBE on the cluster. */
  scramUsers(): Promise<readonly ScramUser[] | undefined>
}

const mechanismNames: Readonly<Record<number, string>> = { 1: 'SCRAM-SHA-256', 2: 'SCRAM-SHA-512' }

export function createUsers(connections: Connections, metadata: Metadata, { spoken }: Speaks): Users {
  return {
    async scramUsers() {
      if (!(await spoken()).some(({ key }) => key === describeUsersKey)) return undefined
      const { error, users } = await connections.send(await metadata.anyAddress(), describeScramUsers())
      if (error) throw answered(error, 'DescribeUserScramCredentials')
      return users.map((one) => {
        if (one.error) throw answered(one.error, `The credentials of user ${one.user}`)
        return { user: one.user, mechanisms: one.mechanisms.map((code) => mechanismNames[code] ?? `SCRAM ${code}`) }
      })
    },
  }
}
