import { createHmac } from 'node:crypto'
import type { Delivered, Payload } from './payload.js'

/** HTTP mode: a signed POST to the app's request URL, whose answer is the acknowledgement. */
export async function postSigned(
  url: string,
  secret: string,
  payload: Payload,
  now: number,
  withinMs: number,
): Promise<Delivered> {
  const { body, contentType } = encode(payload)
  const timestamp = String(Math.floor(now / 1000))
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': contentType, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature },
      body,
      signal: AbortSignal.timeout(withinMs),
    })
    const text = await response.text()
    return response.ok ? { ok: true, answer: decode(text) } : { ok: false, why: 'refused' }
  } catch (error) {
    return { ok: false, why: error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'not_connected' }
  }
}

function encode({ type, body }: Payload): { body: string; contentType: string } {
  const form = 'application/x-www-form-urlencoded'
  if (type === 'events_api') return { body: JSON.stringify(body), contentType: 'application/json' }
  if (type === 'interactive')
    return { body: new URLSearchParams({ payload: JSON.stringify(body) }).toString(), contentType: form }
  return {
    body: new URLSearchParams(
      Object.entries(body).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString(),
    contentType: form,
  }
}

/** A slash command may be answered with bare text. */
function decode(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return { text }
  }
}
