import type { Fault } from './faults.js'
import { post } from './lab.js'

/** What a test does to Slack itself. `heal` takes back everything but the messages, and clears the counts. */
export interface SlackControl {
  fault(fault: Fault): Promise<void>
  removeScopes(...scopes: readonly string[]): Promise<void>
  /** Slack's own rate limits, which are off otherwise. */
  keepNaturalLimits(): Promise<void>
  endSockets(how: 'cut' | 'refresh'): Promise<void>
  repeatNext(times: number): Promise<void>
  deleteMessage(channel: string, ts: string): Promise<void>
  /** HTTP mode; null goes back to Socket Mode. */
  setRequestUrl(url: string | null): Promise<void>
  /** How long an uploaded file stays unusable. */
  setProcessingMs(ms: number): Promise<void>
  forgetBlocks(...types: readonly string[]): Promise<void>
  heal(): Promise<void>
}

export function createSlackControl(page: string): SlackControl {
  const tell = async (path: string, body: object): Promise<void> => void (await post(page, path, body))
  return {
    fault: (fault) => tell('faults', fault),
    removeScopes: (...remove) => tell('scopes', { remove }),
    keepNaturalLimits: () => tell('limits', { natural: true }),
    endSockets: (end) => tell('sockets', { end }),
    repeatNext: (times) => tell('repeat', { times }),
    deleteMessage: (channel, ts) => tell('delete', { channel, ts }),
    setRequestUrl: (url) => tell('request-url', { url }),
    setProcessingMs: (ms) => tell('processing', { ms }),
    forgetBlocks: (...types) => tell('forget-blocks', { types }),
    heal: () => tell('heal', {}),
  }
}
