import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Credentials } from '../credentials.js'
import { anonymous, type Caller, createAuthorizer } from './authorize.js'
import { discover } from './discovery.js'
import { createHandlers } from './handlers.js'
import type { Objects } from './objects.js'
import { badRequest, Refusal, unauthorized, unknownPath, unsupported } from './refusal.js'
import { review } from './reviews.js'
import { routeOf } from './route.js'
import type { Store } from './store.js'
import type { WatchTimes } from './watch.js'

/** One request, in Kubernetes' order: who asks, may they, does it exist, do it. */
export function createService(
  store: Store,
  objects: Objects,
  credentials: Credentials,
  times: WatchTimes,
  now: () => Date,
) {
  const authorizer = createAuthorizer(store)
  const handle = createHandlers(store, objects, credentials, times)

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://localhost')
    const caller = callerOf(request, credentials)
    const route = routeOf(request.method ?? 'GET', url)
    authorizer.require(caller, route)
    if (route.kind === 'path') {
      if (/^\/(healthz|livez|readyz)$/.test(route.path)) return void response.end('ok')
      const found = discover(route.path)
      if (found === undefined) throw unknownPath()
      return send(response, 200, found)
    }
    if (request.headers['content-type']?.includes('protobuf')) throw unsupported()
    const body = await bodyOf(request)
    const reviewed =
      route.verb === 'create' && review(caller, route, body, (asked) => authorizer.may(caller, asked), now())
    if (reviewed) return send(response, 201, reviewed)
    const mediaType = (request.headers['content-type'] ?? '').split(';')[0]!.trim()
    const answer = await handle({ route, query: url.searchParams, body, mediaType, response })
    if (answer) send(response, answer.code, answer.body)
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    serve(request, response).catch((error: unknown) => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error))
      if (response.headersSent) response.destroy()
      else send(response, refusal.code, refusal.status)
    })
  }
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function callerOf({ headers }: IncomingMessage, { users }: Credentials): Caller {
  if (!headers.authorization) return anonymous
  const token = /^Bearer (.+)$/.exec(headers.authorization)?.[1]
  const user = Object.values(users).find((candidate) => candidate.token === token)
  if (!user) throw unauthorized()
  return user
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  if (chunks.length === 0) return undefined
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    throw badRequest('the object provided is not valid JSON')
  }
}
