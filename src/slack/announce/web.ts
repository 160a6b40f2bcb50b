import type { KnownBlock } from '@slack/types'
import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api'
import { createClient, type SlackTokens } from '../client.js'

/** What became of a call. `unknown`: Slack may have done it or not; who repeats it must look first. */
export type Outcome<T> =
  | { readonly is: 'ok'; readonly value: T }
  | { readonly is: 'refused'; readonly code: string; readonly why: string }
  | { readonly is: 'later'; readonly againMs: number }
  | { readonly is: 'unknown'; readonly why: string }

export interface Content {
  readonly text: string
  readonly blocks: readonly KnownBlock[]
}

/** The label that each post carries, by which it is found again. */
export interface Label {
  readonly migration: string
  readonly key: string
}

export interface Place {
  readonly channel: string
  readonly ts: string
}

/** What announce asks of Slack, and nothing else. */
export interface Web {
  post(channel: string, content: Content, label: Label): Promise<Outcome<Place>>
  update(place: Place, content: Content, label: Label): Promise<Outcome<null>>
  remove(place: Place): Promise<Outcome<null>>
  /** Every post in the channel since then that carries a label of this migration, oldest first. */
  labelled(channel: string, migration: string, since: number): Promise<Outcome<readonly { key: string; ts: string }[]>>
  upload(png: Buffer, title: string): Promise<Outcome<string>>
  /** A text as a file that all in the channel see, in a thread where one is named. */
  share(
    file: { readonly name: string; readonly title: string; readonly text: string },
    channel: string,
    thread?: string,
  ): Promise<Outcome<null>>
  reply(place: Place, text: string): Promise<Outcome<null>>
  /** A file can be shown only some time after its upload. */
  ready(file: string): Promise<Outcome<boolean>>
  forget(file: string): Promise<Outcome<null>>
}

const eventType = 'floodgate_message'
const withinMs = 5000
const pages = 5

/** Slack limits each method by itself; one that it has limited is not called again before its time. */
export function createWeb(tokens: SlackTokens, now: () => number = Date.now): Web {
  const client = createClient(tokens, withinMs)
  const limitedUntil = new Map<string, number>()
  const outcome = async <T>(method: string, call: () => Promise<T>): Promise<Outcome<T>> => {
    const waitMs = (limitedUntil.get(method) ?? 0) - now()
    if (waitMs > 0) return { is: 'later', againMs: waitMs }
    const result = await outcomeOf(call)
    if (result.is === 'later') limitedUntil.set(method, now() + result.againMs)
    return result
  }
  const labelOf = ({ migration, key }: Label) => ({ event_type: eventType, event_payload: { migration, key } })
  const sendFile = async (
    bytes: Buffer,
    filename: string,
    title: string,
    where: { channel_id?: string; thread_ts?: string },
  ): Promise<string> => {
    const alt = filename.endsWith('.png') ? { alt_text: title } : {}
    const place = await client.files.getUploadURLExternal({ filename, length: bytes.length, ...alt })
    const sent = await fetch(place.upload_url!, {
      method: 'POST',
      body: new Uint8Array(bytes),
      signal: AbortSignal.timeout(withinMs),
    })
    if (!sent.ok) throw new Error(`the upload was answered with ${sent.status}`)
    const files: [{ id: string; title: string }] = [{ id: place.file_id!, title }]
    const { channel_id: channel, thread_ts: thread } = where
    if (channel && thread) await client.files.completeUploadExternal({ files, channel_id: channel, thread_ts: thread })
    else await client.files.completeUploadExternal({ files, ...(channel ? { channel_id: channel } : {}) })
    return place.file_id!
  }
  return {
    post: (channel, { text, blocks }, label) =>
      outcome('chat.postMessage', async () => {
        const sent = await client.chat.postMessage({
          channel,
          text,
          blocks: [...blocks],
          metadata: labelOf(label),
          unfurl_links: false,
        })
        return { channel: sent.channel ?? channel, ts: sent.ts! }
      }),
    update: (place, { text, blocks }, label) =>
      outcome('chat.update', async () => {
        await client.chat.update({ ...place, text, blocks: [...blocks], metadata: labelOf(label) })
        return null
      }),
    remove: (place) => outcome('chat.delete', () => client.chat.delete(place).then(() => null)),
    labelled: (channel, migration, since) =>
      outcome('conversations.history', async () => {
        const found: { key: string; ts: string }[] = []
        let cursor: string | undefined
        for (let page = 0; page < pages; page++) {
          const seen = await client.conversations.history({
            channel,
            oldest: String(since / 1000),
            limit: 200,
            include_all_metadata: true,
            ...(cursor ? { cursor } : {}),
          })
          for (const { ts, metadata } of seen.messages ?? []) {
            const payload = metadata?.event_payload as Partial<Label> | undefined
            if (metadata?.event_type === eventType && payload?.migration === migration && payload.key && ts)
              found.push({ key: payload.key, ts })
          }
          cursor = seen.response_metadata?.next_cursor
          if (!cursor) break
        }
        return found.sort((a, b) => Number(a.ts) - Number(b.ts))
      }),
    upload: (png, title) => outcome('files.upload', () => sendFile(png, 'lag.png', title, {})),
    share: ({ name, title, text }, channel, thread) =>
      outcome('files.upload', async () => {
        const where = thread === undefined ? { channel_id: channel } : { channel_id: channel, thread_ts: thread }
        await sendFile(Buffer.from(text), name, title, where)
        return null
      }),
    reply: ({ channel, ts }, text) =>
      outcome('chat.postMessage', async () => {
        await client.chat.postMessage({ channel, thread_ts: ts, text, unfurl_links: false })
        return null
      }),
    ready: (file) => outcome('files.info', async () => Boolean((await client.files.info({ file })).file?.mimetype)),
    forget: (file) => outcome('files.delete', () => client.files.delete({ file }).then(() => null)),
  }
}

/** Codes with which Slack says that it failed itself: the call may have been done. */
const ownFailures = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org']
const limits = ['ratelimited', 'rate_limited', 'message_limit_exceeded']

async function outcomeOf<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { is: 'ok', value: await call() }
  } catch (error) {
    if (error instanceof WebAPIRateLimitedError) return { is: 'later', againMs: error.retryAfter * 1000 }
    if (error instanceof WebAPIPlatformError) {
      const code = error.data.error
      if (limits.includes(code)) return { is: 'later', againMs: 1000 }
      if (ownFailures.includes(code)) return { is: 'unknown', why: code }
      return {
        is: 'refused',
        code,
        why: [code, ...(error.data.response_metadata?.messages ?? [])].join(' ').slice(0, 500),
      }
    }
    return { is: 'unknown', why: error instanceof Error ? error.message.slice(0, 200) : 'no answer' }
  }
}
