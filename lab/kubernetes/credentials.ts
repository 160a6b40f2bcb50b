import { randomBytes } from 'node:crypto'
import { generate } from 'selfsigned'

/** Who the API server knows. `admin` belongs to the lab, `floodgate` to the bot; the others are people who may only read. */
export const userNames = ['admin', 'floodgate', 'alice', 'bob', 'carol'] as const
export const people = ['alice', 'bob', 'carol'] as const
export type UserName = (typeof userNames)[number]

export interface User {
  readonly name: UserName
  readonly token: string
  readonly groups: readonly string[]
}

/** PEM texts. One certificate serves the API server, the kubelet, and the API server as the kubelet's client. */
export interface Credentials {
  readonly ca: string
  readonly certificate: string
  readonly key: string
  readonly users: Readonly<Record<UserName, User>>
}

export async function createCredentials(): Promise<Credentials> {
  const ca = await generate([{ name: 'commonName', value: 'floodgate-lab-ca' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  })
  const leaf = await generate([{ name: 'commonName', value: 'floodgate-lab' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  })
  return { ca: ca.cert, certificate: leaf.cert, key: leaf.private, users: createUsers() }
}

function createUsers(): Record<UserName, User> {
  const user = (name: UserName): User => ({
    name,
    token: randomBytes(24).toString('base64url'),
    groups: name === 'admin' ? ['system:masters'] : [],
  })
  return {
    admin: user('admin'),
    floodgate: user('floodgate'),
    alice: user('alice'),
    bob: user('bob'),
    carol: user('carol'),
  }
}
