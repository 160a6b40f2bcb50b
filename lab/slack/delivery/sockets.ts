import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { isShape } from '../blocks/check.js'
import type { Slack } from '../slack.js'
import type { Delivered, Payload } from './payload.js'

const connectionLimit = 10
const pingEveryMs = 5000
const farewellMs = 500

/** Socket Mode: every payload goes to one of the connections, each in its turn. */
export interface Sockets {
  /** A single-use address for one connection. */
  ticket(): string
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  count(): number
  send(payload: Payload, envelope: string, withinMs: number): Promise<Delivered>
  /** `cut` drops the lines without a word; `refresh` asks the apps to connect again, as Slack does every few hours. */
  end(how: 'cut' | 'refresh'): void
  close(): Promise<void>
}

export function createSockets(slack: Pick<Slack, 'workspace' | 'base'>): Sockets {
  const server = new WebSocketServer({ noServer: true })
  const tickets = new Set<string>()
  const waiting = new Map<string, (answer: unknown) => void>()
  let connections: WebSocket[] = []
  const pings = setInterval(() => {
    for (const connection of connections) connection.ping('Ping from Slack')
  }, pingEveryMs).unref()
  const say = (connection: WebSocket, message: object): void => connection.send(JSON.stringify(message))
  const goodbye = (connection: WebSocket, reason: string): void =>
    say(connection, { type: 'disconnect', reason, debug_info: { host: 'applink' } })

  const greet = (connection: WebSocket): void => {
    if (connections.length >= connectionLimit) {
      goodbye(connection, 'too_many_websockets')
      connection.close()
      return
    }
    connections.push(connection)
    slack.workspace.changed()
    connection.on('error', () => connection.terminate())
    connection.on('close', () => {
      connections = connections.filter((one) => one !== connection)
      slack.workspace.changed()
    })
    connection.on('message', (raw) => {
      const message: unknown = JSON.parse(String(raw))
      if (!isShape(message) || typeof message.envelope_id !== 'string') return
      waiting.get(message.envelope_id)?.(message.payload)
      waiting.delete(message.envelope_id)
    })
    say(connection, {
      type: 'hello',
      num_connections: connections.length,
      debug_info: { host: 'applink', build_number: 1, approximate_connection_time: 18_060 },
      connection_info: { app_id: slack.workspace.app.id },
    })
  }

  return {
    ticket() {
      const ticket = randomUUID()
      tickets.add(ticket)
      return `${slack.base().replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${slack.workspace.app.id}`
    },
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? '/', slack.base()).searchParams.get('ticket') ?? ''
      if (!tickets.delete(ticket)) {
        socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
        return
      }
      server.handleUpgrade(request, socket, head, greet)
    },
    count: () => connections.length,
    send({ type, body, answerable }, envelope, withinMs) {
      const connection = connections.shift()
      if (connection === undefined) return Promise.resolve({ ok: false, why: 'not_connected' })
      connections.push(connection)
      return new Promise((resolve) => {
        const late = setTimeout(() => {
          waiting.delete(envelope)
          resolve({ ok: false, why: 'timeout' })
        }, withinMs)
        waiting.set(envelope, (answer) => {
          clearTimeout(late)
          resolve({ ok: true, answer })
        })
        say(connection, { envelope_id: envelope, type, payload: body, accepts_response_payload: answerable })
      })
    },
    end(how) {
      for (const connection of [...connections]) {
        if (how === 'cut') connection.terminate()
        else goodbye(connection, 'refresh_requested')
      }
    },
    async close() {
      clearInterval(pings)
      await Promise.all(connections.map(hangUp))
      server.close()
    },
  }
}

/** An app that is closing too gets to finish its handshake; one that is frozen does not hold us up. */
async function hangUp(connection: WebSocket): Promise<void> {
  const late = setTimeout(() => connection.terminate(), farewellMs)
  connection.close(1001)
  if (connection.readyState !== connection.CLOSED) await once(connection, 'close')
  clearTimeout(late)
}
