import { readFile } from 'node:fs/promises'
import {
  ConfigError,
  defaultMigration,
  type Environment,
  loadEnvironment,
  loadMigration,
  refuseMistakes,
} from './config/load.js'
import type { Migration } from './config/migration.js'

export interface Settings {
  readonly environment: Environment
  /** For the secrets whose names migration.yaml gives. */
  readonly env: NodeJS.ProcessEnv
  readonly migration: Migration
  /** This version of Floodgate. */
  readonly bot: string
}

/** What the environment says, and the migration.yaml that it names; ConfigError with every mistake. `needs`: what else must stand there. */
export async function readSettings(
  env: NodeJS.ProcessEnv,
  needs?: (environment: Environment) => void,
): Promise<Settings> {
  let environment: Environment | undefined
  let migration: Migration | undefined
  await refuseMistakes([
    () => {
      environment = loadEnvironment(env)
      needs?.(environment)
    },
    async () => {
      const file = env.FLOODGATE_MIGRATION || defaultMigration
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw new ConfigError([`${file}: cannot be read (${error.code}); FLOODGATE_MIGRATION names it`])
      })
      migration = loadMigration(file, text)
    },
  ])
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  return { environment: environment!, env, migration: migration!, bot: version }
}
