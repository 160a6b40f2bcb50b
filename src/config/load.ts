import { closest, distance } from 'fastest-levenshtein'
import { LineCounter, type Node, parseDocument } from 'yaml'
import { z } from 'zod'
import { type Migration, migrationSchema } from './migration.js'

/** A file or variable that is not as it must be; names where, what was read and what was expected. */
export class ConfigError extends Error {
  readonly code = 'config-invalid'
  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join('\n'))
  }
}

/** Runs every check, also those after one that failed, so that all mistakes are told at once; throws a ConfigError with them. */
export async function refuseMistakes(checks: readonly (() => unknown)[]): Promise<void> {
  const found = await Promise.all(checks.map(mistakesOf))
  if (found.some((some) => some.length > 0)) throw new ConfigError([...new Set(found.flat())])
}

/** Errors that carry a code are about what was given; any other is a defect, and is thrown. */
async function mistakesOf(check: () => unknown): Promise<readonly string[]> {
  try {
    await check()
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    if (error instanceof Error && 'code' in error) return [error.message]
    throw error
  }
}

/** Reads migration.yaml; every mistake at once, with file and line. */
export function loadMigration(file: string, text: string): Migration {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const broken = document.errors.map(
    (error) => `${file}:${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]}`,
  )
  if (broken.length) throw new ConfigError(broken)
  const read = migrationSchema.safeParse(document.toJS())
  if (read.success) return read.data
  throw new ConfigError(
    withGuesses(read.error.issues).map(({ path, message }) => {
      const line = lines.linePos(nodeAt(path)?.range?.[0] ?? 0).line
      return `${file}:${line}: ${path.join('.') || 'the file'}: ${message}`
    }),
  )

  /** The node itself or, where it is missing, the nearest one around it. */
  function nodeAt(path: readonly PropertyKey[]): Node | undefined {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true) as Node | undefined
      if (node?.range) return node
    }
    return undefined
  }
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** A key that is missing beside one that is unknown and looks like it is one mistake, not two. */
function withGuesses(issues: readonly z.core.$ZodIssue[]): readonly Issue[] {
  const guessed = new Set<z.core.$ZodIssue>()
  const told = issues.map((issue): Issue => {
    if (issue.code !== 'unrecognized_keys') return issue
    const missing = issues.filter(
      ({ path, message }) =>
        path.length === issue.path.length + 1 &&
        issue.path.every((part, i) => path[i] === part) &&
        message.endsWith('received undefined'),
    )
    const words = issue.keys.map((key) => {
      const nearest =
        missing.length > 0
          ? closest(
              key,
              missing.map(({ path }) => String(path.at(-1))),
            )
          : ''
      if (nearest === '' || distance(key, nearest) > 3) return `${key} is not known here`
      for (const one of missing) if (one.path.at(-1) === nearest) guessed.add(one)
      return `${key} is not known here; did you mean ${nearest}?`
    })
    return { path: [...issue.path, issue.keys[0]!], message: words.join(', ') }
  })
  return told.filter((_, i) => !guessed.has(issues[i]!))
}

const port = z.coerce
  .number('expected the number of a port, 0 to 65535')
  .int('expected the number of a port, 0 to 65535')
  .min(0, 'expected the number of a port, 0 to 65535')
  .max(65_535, 'expected the number of a port, 0 to 65535')

export const defaultMigration = 'migration.yaml'

const environmentSchema = z.object({
  SLACK_BOT_TOKEN: z.string().min(1).optional(),
  SLACK_APP_TOKEN: z.string().min(1).optional(),
  SLACK_SIGNING_SECRET: z
    .string()
    .min(1, 'an empty signing secret would let anybody forge clicks; take it from the app’s Basic Information')
    .optional(),
  SLACK_API_URL: z.url('expected an address such as https://slack.example/api/').optional(),
  PORT: port.default(3000),
  METRICS_PORT: port.optional(),
  REDIS_URL: z.url('expected an address such as redis://redis:6379').default('redis://127.0.0.1:6379'),
  FLOODGATE_MIGRATION: z.string().min(1).default(defaultMigration),
  FLOODGATE_RUNBOOKS: z.string().min(1).default('runbooks'),
  KUBECONFIG: z.string().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
})
export type Environment = z.infer<typeof environmentSchema>

/** Reads the environment; values are never repeated in an error. */
export function loadEnvironment(env: NodeJS.ProcessEnv): Environment {
  const read = environmentSchema.safeParse(env)
  if (read.success) return read.data
  throw new ConfigError(
    read.error.issues.map((issue) => `environment variable ${issue.path.join('.')}: ${issue.message}`),
  )
}
