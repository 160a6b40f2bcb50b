import { pino } from 'pino'
import { slackTokens, startApp } from './app.js'
import { readSettings } from './settings.js'

/** The one file with effects at load: reads the environment, wires, starts, stops cleanly. */
try {
  const settings = await readSettings(process.env, slackTokens)
  const log = pino({ level: settings.environment.LOG_LEVEL, base: null })
  const app = await startApp(settings, log)
  log.info('Floodgate is ready')
  const stop = async () => {
    await app.stop()
    process.exit(0)
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
} catch (error) {
  const { message, code } = error as Error & { code?: string }
  console.error(code === undefined ? error : `Floodgate cannot start:\n${message}`)
  process.exit(1)
}
