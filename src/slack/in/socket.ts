import bolt from '@slack/bolt'
import { clientOptions, type SlackTokens } from '../client.js'
import { loggerOf } from './logger.js'

const openWithinMs = 5000
const helloWithinMs = 10_000
const retryMs = 3000
const stopWithinMs = 1000

/**
 * Socket Mode that stays: the client's own reconnection waits five seconds at every refresh, and a refused one ends the process
 * with an unhandled rejection. Here each end of a connection is followed by the next at once, and each failure by another try.
 */
export function createSocket(tokens: SlackTokens & { readonly appToken: string }, warn: (text: string) => void) {
  const receiver = new bolt.SocketModeReceiver({
    appToken: tokens.appToken,
    autoReconnectEnabled: false,
    logger: loggerOf(warn),
    installerOptions: { clientOptions: clientOptions(tokens, openWithinMs) },
  })
  const { client } = receiver
  let stopped = false
  let wake = () => {}

  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, retryMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const connect = async (): Promise<void> => {
    const silent = setTimeout(() => void client.disconnect(), helloWithinMs)
    try {
      await receiver.start()
    } finally {
      clearTimeout(silent)
    }
  }
  const stay = async (connectedOrFailed: () => void): Promise<void> => {
    while (!stopped) {
      const ended = new Promise<void>((resolve) => client.once('disconnected', () => resolve()))
      try {
        await connect()
        connectedOrFailed()
        await ended
      } catch (error) {
        if (stopped) return
        const why = error instanceof Error ? error.message : 'the connection was closed'
        warn(`Slack cannot be reached (${why}): trying again every ${retryMs / 1000} s; the run goes on meanwhile`)
        connectedOrFailed()
        await pause()
      }
    }
  }
  return {
    receiver,
    start: () => new Promise<void>((resolve) => void stay(resolve)),
    stop: async () => {
      stopped = true
      wake()
      await Promise.race([client.disconnect(), new Promise((resolve) => setTimeout(resolve, stopWithinMs).unref())])
    },
  }
}
