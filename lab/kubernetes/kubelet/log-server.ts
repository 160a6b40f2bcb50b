import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Part } from '../../types.js'
import type { Credentials } from '../credentials.js'
import type { LogFile, LogOptions } from './log-file.js'

/** Finds the log of a container's current or previous start, or says in a sentence why there is none. */
export type FindLog = (namespace: string, pod: string, container: string, isPrevious: boolean) => LogFile | string

/** Answers `/containerLogs/NAMESPACE/POD/CONTAINER` to the API server, which shows a certificate of the lab's authority. */
export async function serveLogs(
  { ca, certificate: cert, key }: Credentials,
  find: FindLog,
): Promise<{ port: number } & Part> {
  const server = createServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    answer(request, response, find).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, find: FindLog): Promise<void> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'https://localhost')
  const [, root, namespace, pod, container] = pathname.split('/').map(decodeURIComponent)
  if (root !== 'containerLogs' || !namespace || !pod || !container) return refuse(response, 404, 'not found')
  const log = find(namespace, pod, container, query.get('previous') === 'true')
  if (typeof log === 'string') return refuse(response, 400, log)

  const gone = new AbortController()
  response.once('close', () => gone.abort())
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.flushHeaders()
  let room = Number(query.get('limitBytes') ?? Number.POSITIVE_INFINITY)
  try {
    for await (const line of log.lines(optionsOf(query), gone.signal)) {
      const text = Buffer.byteLength(line) > room ? Buffer.from(line).subarray(0, room) : line
      room -= Buffer.byteLength(line)
      if (!response.write(text)) await once(response, 'drain', { signal: gone.signal })
      if (room <= 0) break
    }
  } catch (error) {
    if (!gone.signal.aborted) throw error
  }
  response.end()
}

function refuse(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'text/plain' })
  response.end(text)
}

function optionsOf(query: URLSearchParams): LogOptions {
  const [tail, seconds, time] = [query.get('tailLines'), query.get('sinceSeconds'), query.get('sinceTime')]
  const sinceTimeMs =
    time !== null ? Date.parse(time) : seconds !== null ? Date.now() - Number(seconds) * 1000 : undefined
  return {
    ...(tail !== null && { tailLines: Number(tail) }),
    ...(sinceTimeMs !== undefined && { sinceTimeMs }),
    timestamps: query.get('timestamps') === 'true',
    follow: query.get('follow') === 'true',
  }
}
