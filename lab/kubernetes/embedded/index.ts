import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Part } from '../../types.js'
import type { Credentials } from '../credentials.js'
import { runControllers } from './controllers/index.js'
import { createObjects } from './objects.js'
import { createService } from './serve.js'
import { createStore } from './store.js'

export interface EmbeddedOptions {
  /** How many changes a watch can catch up on before its version counts as expired. */
  readonly remembered?: number
}

/** A Kubernetes API in this process: as much of it as workloads on one machine and their watchers need. */
export async function startEmbedded(
  credentials: Credentials,
  { remembered = 5_000 }: EmbeddedOptions = {},
): Promise<{ server: string } & Part> {
  const now = () => new Date()
  const store = createStore(remembered)
  const objects = createObjects(store, now)
  const controllers = runControllers(store, objects, now)
  const times = { bookmarkEveryMs: 10_000, endAfterMs: 30 * 60_000 }
  const { certificate: cert, key } = credentials
  const server = createServer({ cert, key }, createService(store, objects, credentials, times, now))
  // Longer than clients keep idle connections, so that none is closed while a request is on its way.
  server.keepAliveTimeout = 300_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    server: `https://127.0.0.1:${port}`,
    async stop() {
      controllers.stop()
      server.close()
      server.closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}
