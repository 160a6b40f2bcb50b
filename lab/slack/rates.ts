/** Slack's tiers, calls a minute; posting is one a second a channel with a short burst. */
const perMinute: Readonly<Record<string, number>> = {
  'conversations.history': 50,
  'conversations.replies': 50,
  'conversations.info': 50,
  'chat.update': 50,
  'chat.delete': 50,
  'chat.postEphemeral': 100,
  'usergroups.list': 20,
  'usergroups.users.list': 20,
  'users.list': 20,
  'users.info': 100,
  'files.info': 100,
  'files.getUploadURLExternal': 100,
  'files.completeUploadExternal': 100,
  'views.open': 100,
  'views.push': 100,
  'views.update': 100,
  'views.publish': 100,
}
const posting = { calls: 5, inMs: 5000 }

/** The limits that real Slack keeps by itself. Off unless asked for: a lab's tests would wait for nothing. */
export interface Rates {
  enable(on: boolean): void
  /** Seconds to wait, when this call is one too many. */
  exceeded(method: string, channel: string): number | undefined
}

export function createRates(now: () => number): Rates {
  let enabled = false
  const seen = new Map<string, number[]>()
  return {
    enable(on) {
      enabled = on
      seen.clear()
    },
    exceeded(method, channel) {
      const limit = method === 'chat.postMessage' ? posting : { calls: perMinute[method] ?? 0, inMs: 60_000 }
      if (!enabled || limit.calls === 0) return undefined
      const key = method === 'chat.postMessage' ? `${method} ${channel}` : method
      const recent = (seen.get(key) ?? []).filter((at) => at > now() - limit.inMs)
      seen.set(key, recent)
      const oldest = recent[0]
      if (recent.length >= limit.calls && oldest !== undefined) return Math.ceil((oldest + limit.inMs - now()) / 1000)
      recent.push(now())
      return undefined
    },
  }
}
