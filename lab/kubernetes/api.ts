import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { createInterface } from 'node:readline'
import type { KubernetesObject, WatchEvent } from './objects.js'

/** What the API server answered instead of an object. `code` is the HTTP status, `reason` Kubernetes' word for it. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
  ) {
    super(message)
  }
}

/** A small client for the lab's own parts. Paths begin with `/api` or `/apis`. */
export interface Api {
  get<T>(path: string): Promise<T>
  post<T = KubernetesObject>(path: string, body: unknown): Promise<T>
  /** A JSON merge patch. */
  patch<T = KubernetesObject>(path: string, body: unknown): Promise<T>
  remove(path: string, options?: object): Promise<void>
  /** Resolves when the server ends the watch; rejects when the connection breaks. */
  watch(path: string, onEvent: (event: WatchEvent) => void, signal: AbortSignal): Promise<void>
  close(): void
}

export function createApi({ server, ca, token }: { server: string; ca: string; token: string }): Api {
  const agent = new Agent({ ca, keepAlive: true })

  function send(method: string, path: string, body?: unknown, type = 'application/json', signal?: AbortSignal) {
    const text = body === undefined ? undefined : JSON.stringify(body)
    return new Promise<IncomingMessage>((resolve, reject) => {
      const headers: Record<string, string | number> = { authorization: `Bearer ${token}`, accept: 'application/json' }
      if (text !== undefined)
        Object.assign(headers, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
      const options = signal ? { method, agent, headers, signal } : { method, agent, headers }
      request(new URL(path, server), options, resolve).on('error', reject).end(text)
    })
  }

  async function json<T>(answer: Promise<IncomingMessage>): Promise<T> {
    const response = await answer
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const code = response.statusCode ?? 0
    if (code < 200 || code >= 300) throw errorOf(code, text)
    return (response.headers['content-type']?.includes('json') ? JSON.parse(text) : text) as T
  }

  return {
    get: (path) => json(send('GET', path)),
    post: (path, body) => json(send('POST', path, body)),
    patch: (path, body) => json(send('PATCH', path, body, 'application/merge-patch+json')),
    remove: async (path, options) => void (await json(send('DELETE', path, options))),
    async watch(path, onEvent, signal) {
      const response = await send('GET', path, undefined, undefined, signal)
      if (response.statusCode !== 200) await json(Promise.resolve(response))
      for await (const line of createInterface({ input: response })) if (line) onEvent(JSON.parse(line) as WatchEvent)
    },
    close: () => agent.destroy(),
  }
}

function errorOf(code: number, text: string): ApiError {
  try {
    const status = JSON.parse(text) as { reason?: string; message?: string }
    return new ApiError(code, status.reason ?? '', status.message ?? text)
  } catch {
    return new ApiError(code, '', text)
  }
}
