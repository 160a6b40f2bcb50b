import bolt, { type Receiver } from '@slack/bolt'
import { clientOptions, type SlackTokens } from '../client.js'
import type { CommandDeps } from './command.js'
import { loggerOf } from './logger.js'
import { onClicks } from './on-clicks.js'
import { onReasons } from './on-reasons.js'
import { onWords } from './on-words.js'
import { createSocket } from './socket.js'

export interface SlackSettings extends SlackTokens {
  /** With it people are heard by Socket Mode, and no port is opened. */
  readonly appToken?: string
  /** Without an app token: requests are taken over HTTP, and only signed ones. */
  readonly http?: { readonly signingSecret: string; readonly port: number }
}

export interface SlackApp {
  /** Resolves once people can be heard, or once the first try has failed: then it goes on trying, and the run goes on without Slack. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface SlackAppDeps extends CommandDeps {
  readonly warn: (text: string) => void
}

/** A setting without which nobody could be heard, or anybody: says which. */
export class SlackSettingsError extends Error {
  override readonly name = 'SlackSettingsError'
  readonly code = 'slack-settings'
}

const callWithinMs = 2500

/** Everything that people do in Slack arrives here: words, clicks and reasons. */
export function createSlackApp(settings: SlackSettings, deps: SlackAppDeps): SlackApp {
  const ear = createEar(settings, deps.warn)
  const app = new bolt.App({
    receiver: ear.receiver,
    // By itself Bolt asks Slack who it is at every click, and drops the click when Slack does not answer.
    authorize: async () => ({ botToken: settings.botToken }),
    clientOptions: clientOptions(settings, callWithinMs),
    logger: loggerOf(deps.warn),
    convoStore: false,
  })
  onWords(app, deps)
  onClicks(app, deps)
  onReasons(app, deps)
  app.error(async (error) => deps.warn(`something from Slack could not be handled: ${error.message}`))
  return { start: ear.start, stop: ear.stop }
}

interface Ear extends SlackApp {
  readonly receiver: Receiver
}

function createEar({ appToken, http, ...tokens }: SlackSettings, warn: (text: string) => void): Ear {
  if (appToken) return createSocket({ ...tokens, appToken }, warn)
  if (!http)
    throw new SlackSettingsError(
      'Slack needs SLACK_APP_TOKEN (Socket Mode), or SLACK_SIGNING_SECRET and a port (HTTP).',
    )
  if (http.signingSecret.trim() === '')
    throw new SlackSettingsError(
      'SLACK_SIGNING_SECRET is empty: anybody could approve. Set it, or use SLACK_APP_TOKEN.',
    )
  const receiver = new bolt.HTTPReceiver({ signingSecret: http.signingSecret, logger: loggerOf(warn) })
  return {
    receiver,
    start: async () => void (await receiver.start(http.port)),
    stop: async () => void (await receiver.stop()),
  }
}
