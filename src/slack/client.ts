import { WebClient, type WebClientOptions } from '@slack/web-api'

export interface SlackTokens {
  readonly botToken: string
  /** Another host that speaks Slack's Web API; with a slash at its end. */
  readonly apiUrl?: string
}

/** Calls end in time and are never repeated in silence: who calls knows whether a repeat is safe. */
export function clientOptions({ apiUrl }: Pick<SlackTokens, 'apiUrl'>, withinMs: number): WebClientOptions {
  return {
    ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
    timeout: withinMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
  }
}

export const createClient = (tokens: SlackTokens, withinMs: number): WebClient =>
  new WebClient(tokens.botToken, clientOptions(tokens, withinMs))

const nothing = () => {}
/** What is worth a line is logged by who acts on it. */
const silent = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => 'error' as never,
  setName: nothing,
}
