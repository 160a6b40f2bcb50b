import { stringify } from 'yaml'
import type { Side } from '../types.js'
import { type Credentials, userNames } from './credentials.js'

const sides: readonly Side[] = ['source', 'target']

/** Contexts `source` and `target` are the bot's; `admin@source`, `alice@target` and so on are everybody's. */
export function kubeconfigText(server: string, credentials: Credentials, namespaces: Record<Side, string>): string {
  const context = (name: string, side: Side, user: string) => ({
    name,
    context: { cluster: 'lab', namespace: namespaces[side], user },
  })
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'lab',
        cluster: { server, 'certificate-authority-data': Buffer.from(credentials.ca).toString('base64') },
      },
    ],
    users: userNames.map((name) => ({ name, user: { token: credentials.users[name].token } })),
    contexts: sides.flatMap((side) => [
      context(side, side, 'floodgate'),
      ...userNames.map((name) => context(`${name}@${side}`, side, name)),
    ]),
    'current-context': 'source',
  })
}
