import { randomUUID } from 'node:crypto'
import type { Slack } from '../slack.js'
import type { Delivered, Payload } from './payload.js'
import { postSigned } from './requestUrl.js'
import type { Sockets } from './sockets.js'

/** An app has three seconds to acknowledge. */
const ackWithinMs = 3000

export interface Delivery {
  send(payload: Payload): Promise<Delivered>
  /** HTTP mode from here on; undefined: back to Socket Mode. */
  setRequestUrl(url: string | undefined): void
  /** The next `times` payloads are delivered twice, the second with the same envelope and a retry count. */
  repeatNext(times: number): void
  count(): { readonly sent: number; readonly acknowledged: number; readonly unanswered: number }
}

export function createDelivery(slack: Pick<Slack, 'workspace'>, sockets: Sockets, signingSecret: string): Delivery {
  let requestUrl: string | undefined
  let repeats = 0
  let sent = 0
  let acknowledged = 0
  let unanswered = 0
  const once = (payload: Payload, envelope: string): Promise<Delivered> =>
    requestUrl === undefined
      ? sockets.send(payload, envelope, ackWithinMs)
      : postSigned(requestUrl, signingSecret, payload, slack.workspace.now(), ackWithinMs)
  return {
    async send(payload) {
      sent += 1
      const envelope = randomUUID()
      const first = once(payload, envelope)
      if (repeats > 0) {
        repeats -= 1
        await first
        void once(payload, envelope)
      }
      const delivered = await first
      if (delivered.ok) acknowledged += 1
      else unanswered += 1
      slack.workspace.changed()
      return delivered
    },
    setRequestUrl(url) {
      requestUrl = url
    },
    repeatNext(times) {
      repeats = times
    },
    count: () => ({ sent, acknowledged, unanswered }),
  }
}
