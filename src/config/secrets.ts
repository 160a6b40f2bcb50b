import { readFileSync } from 'node:fs'
import { ConfigError } from './load.js'
import type { KafkaSide } from './migration.js'

/** How a Kafka client is told: what migration.yaml names is read here, from the environment and from files, and goes nowhere else. */
export function kafkaSecurity({ ssl, sasl }: KafkaSide, env: NodeJS.ProcessEnv) {
  return {
    ...(ssl
      ? {
          ssl: {
            ...(ssl.ca ? { ca: fileOf('ca', ssl.ca) } : {}),
            ...(ssl.cert ? { cert: fileOf('cert', ssl.cert) } : {}),
            ...(ssl.key ? { key: fileOf('key', fromEnv(ssl.key, env)) } : {}),
          },
        }
      : {}),
    ...(sasl ? { sasl: { ...sasl, password: fromEnv(sasl.password, env) } } : {}),
  }
}

function fileOf(what: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError([
      `migration.yaml: ssl.${what} names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code})`,
    ])
  }
}

function fromEnv(name: string, env: NodeJS.ProcessEnv): string {
  const value = env[name]
  if (!value) throw new ConfigError([`environment variable ${name}: migration.yaml names it, and it is not set`])
  return value
}
