import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Part, Progress, SlackDescription } from '../types.js'
import { createBlockRules } from './blocks/validate.js'
import { createDelivery } from './delivery/deliver.js'
import { createSockets } from './delivery/sockets.js'
import { createEphemerals } from './ephemerals.js'
import { createFaults } from './faults.js'
import { createFiles } from './files.js'
import { createApp } from './http/app.js'
import { createMessages } from './messages.js'
import { defaultPeople } from './people.js'
import { createRates } from './rates.js'
import { createResponseUrls } from './responseUrls.js'
import { createScopes } from './scopes.js'
import type { Slack } from './slack.js'
import { type Kept, keep, readKept, readKeptFile } from './store.js'
import { createTally } from './tally.js'
import { createTriggers } from './triggers.js'
import { createViews } from './views.js'
import { createWorkspace } from './workspace.js'

/** A thousand people may click at the same moment. */
const crowd = 4096

export interface SlackOptions {
  /** Where messages, files and tokens are kept over a restart; without it they are gone with the process. */
  readonly folder?: string
  /** A free one unless it is given. */
  readonly port?: number
  readonly people?: SlackDescription['people']
  readonly channel?: string
}

/** A Slack of one workspace, one app and one channel, on the loopback interface. */
export async function startSlack(
  options: SlackOptions = {},
  progress: Progress = () => {},
): Promise<{ readonly description: SlackDescription } & Part> {
  let base = ''
  const kept = readKept(options.folder)
  const slack = createSlack(options, kept, () => base)
  const secrets = kept?.secrets ?? newSecrets()
  const sockets = createSockets(slack)
  const delivery = createDelivery(slack, sockets, secrets.signing)
  const server = createServer(createApp(slack, sockets, delivery, secrets))
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head))
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen({ port: options.port ?? 0, host: '127.0.0.1', backlog: crowd }, listening)
  })
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stopKeeping = keep(options.folder, slack, secrets)
  progress(`Slack stand-in at ${base}`)
  const [channel] = slack.workspace.channels.keys()
  return {
    description: {
      api: `${base}/api/`,
      page: base,
      botToken: secrets.bot,
      appToken: secrets.app,
      signingSecret: secrets.signing,
      channel: channel ?? '',
      people: slack.workspace.people,
    },
    async stop() {
      stopKeeping()
      await sockets.close()
      const closed = new Promise<void>((stopped) => server.close(() => stopped()))
      server.closeAllConnections()
      await closed
    },
  }
}

function newSecrets(): Kept['secrets'] {
  const secret = (): string => randomBytes(16).toString('hex')
  return { bot: `xoxb-lab-${secret()}`, app: `xapp-lab-${secret()}`, signing: secret() }
}

function createSlack(options: SlackOptions, kept: Kept | undefined, base: () => string): Slack {
  // As fine as Slack's own timestamps, which count microseconds.
  const now = () => performance.timeOrigin + performance.now()
  const workspace = createWorkspace(
    {
      people: options.people ?? defaultPeople,
      channel: options.channel ?? 'kafka-migration',
      ...(kept === undefined ? {} : { version: kept.version, channels: kept.channels }),
    },
    now,
  )
  const { folder = '' } = options
  const files = createFiles(
    workspace,
    kept?.files.map((file) => ({ ...file, bytes: readKeptFile(folder, file.id) })),
  )
  const rules = createBlockRules({
    fileReady: (id) => files.list().some((file) => file.id === id && file.ready),
    // Slack fetches a picture itself, so it must lie where Slack can get at it.
    reachable: (url) =>
      url.startsWith(`${base()}/`) || !/^https?:\/\/(localhost|127\.|10\.|192\.168\.|\[?::1)/.test(url),
  })
  return {
    workspace,
    files,
    rules,
    messages: createMessages(workspace, kept?.messages),
    ephemerals: createEphemerals(workspace),
    views: createViews(workspace),
    triggers: createTriggers(workspace),
    responseUrls: createResponseUrls(workspace, base),
    tally: createTally(),
    scopes: createScopes(),
    faults: createFaults(now),
    rates: createRates(now),
    base,
  }
}
