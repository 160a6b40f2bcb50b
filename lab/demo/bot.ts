import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LabProcess, startProcess } from '../processes.js'
import { logLine } from '../readiness.js'
import { repository } from '../repository.js'
import type { LabDescription } from '../types.js'

/** The built bot, also where the lab itself runs from its sources. */
const program = join(repository(), 'dist/src/main.js')
const runbooks = join(repository(), 'runbooks')

/** Starts the bot on a lab, as a team would: by its environment alone. */
export function startBot(lab: LabDescription, name = 'floodgate'): Promise<LabProcess> {
  return startProcess({
    name,
    folder: lab.folder,
    command: process.execPath,
    args: ['--enable-source-maps', program],
    env: botEnvironment(lab),
    ready: logLine(/Floodgate is ready/),
    stopWithinMs: 10_000,
  })
}

/** The bot's environment as a file that a shell reads, for the command line beside it; returns its path. */
export async function writeEnvironment(lab: LabDescription): Promise<string> {
  const file = join(lab.folder, 'bot.env')
  const lines = Object.entries(botEnvironment(lab)).map(([name, value]) => `${name}='${value}'\n`)
  await writeFile(file, lines.join(''), { mode: 0o600 })
  return file
}

function botEnvironment(lab: LabDescription): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: lab.slack.botToken,
    SLACK_APP_TOKEN: lab.slack.appToken,
    SLACK_API_URL: lab.slack.api,
    REDIS_URL: lab.redis.url,
    FLOODGATE_MIGRATION: lab.migration,
    FLOODGATE_RUNBOOKS: runbooks,
    KUBECONFIG: lab.kubernetes.kubeconfig,
  }
}
