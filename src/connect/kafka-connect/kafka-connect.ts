import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { ConnectError } from './errors.js'

/** Where a connector stands: its own state and that of its tasks. */
export interface ConnectorStatus {
  /** RUNNING, PAUSED, STOPPED, FAILED, UNASSIGNED, RESTARTING */
  readonly state: string
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly trace?: string }[]
}

/** What a source connector has delivered: one entry per partition of whatever it reads; a null offset means none. */
export interface ConnectorOffset {
  readonly partition: Readonly<Record<string, unknown>>
  readonly offset: Readonly<Record<string, unknown>> | null
}

/** The REST interface of one Kafka Connect cluster. Every call ends within its deadline or throws a ConnectError. */
export interface KafkaConnect {
  /** Undefined: no such connector. */
  status(connector: string): Promise<ConnectorStatus | undefined>
  /** Shuts the tasks down after a last commit of offsets (3.5+; paused before that). Asynchronous: look at the status. */
  stop(connector: string): Promise<'stop' | 'pause'>
  /**
   * A connector that is paused keeps its tasks, with what they hold of the source, where they stand there and what they have not committed
   * yet: they are ended, and commit; others stand in for them, paused, which begin when the connector is resumed. Nothing is done while one
   * still runs, or where there are none: a stopped connector has let go. Throws where they are not seen to have, about a second later.
   */
  letGo(connector: string): Promise<void>
  resume(connector: string): Promise<void>
  /** Needs 3.5. */
  offsets(connector: string): Promise<readonly ConnectorOffset[]>
  /**
   * Needs 3.6 and a stopped connector; entries that are not named stay as they are. `stillMine` is asked right before. Resolves to the topic
   * to which they were written, or to undefined where the worker took them itself.
   */
  setOffsets(
    connector: string,
    offsets: readonly ConnectorOffset[],
    stillMine: () => Promise<void>,
  ): Promise<string | undefined>
  /** Only the named settings: a connector's configuration holds secrets, and what is not asked for cannot leak. */
  settings(connector: string, keys: readonly string[]): Promise<Readonly<Record<string, string>>>
  /** The names of all connectors. */
  connectors(): Promise<readonly string[]>
  /** The version of the worker, which is that of MirrorMaker too. */
  version(): Promise<string>
}

const traceLength = 600
const againAfterMs = 150
/** An effect has 4 s in all. */
const letGoWithinMs = 1000

const statusSchema = z.object({
  connector: z.object({ state: z.string() }),
  tasks: z.array(z.object({ id: z.number(), state: z.string(), trace: z.string().optional() })),
})
const offsetsSchema = z.object({
  offsets: z.array(
    z.object({ partition: z.record(z.string(), z.unknown()), offset: z.record(z.string(), z.unknown()).nullable() }),
  ),
})
const rootSchema = z.object({ version: z.string() })
const settingsSchema = z.record(z.string(), z.string().nullable())

export function createKafkaConnect(url: string, withinMs = 4000, now: () => number = Date.now): KafkaConnect {
  const base = url.replace(/\/$/, '')
  const path = (connector: string, rest: string) => `/connectors/${encodeURIComponent(connector)}${rest}`

  const exchange = async (method: string, where: string, body?: unknown): Promise<Response> => {
    const deadline = now() + withinMs
    for (;;) {
      const answer = await once(method, where, deadline - now(), body)
      // 409: the workers are rebalancing, which passes.
      if (answer.status !== 409 || now() + againAfterMs >= deadline) return answer
      await answer.arrayBuffer()
      await pause(againAfterMs)
    }
  }

  const once = async (method: string, where: string, leftMs: number, body?: unknown): Promise<Response> => {
    try {
      return await fetch(`${base}${where}`, {
        method,
        signal: AbortSignal.timeout(Math.max(1, leftMs)),
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
    } catch (error) {
      const silent = (error as { name?: unknown }).name === 'TimeoutError'
      throw new ConnectError(
        silent ? 'timed-out' : 'unreachable',
        `Kafka Connect at ${base} ${silent ? `did not answer within ${withinMs} ms` : 'cannot be reached'}. Check the address and whether the worker runs`,
        { cause: error },
      )
    }
  }

  const read = async <T>(connector: string, where: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const answer = await exchange('GET', path(connector, where))
    if (answer.status === 404) return undefined
    if (!answer.ok) throw await refused(answer, base, connector, `GET ${where}`)
    const parsed = schema.safeParse(await answer.json())
    if (parsed.success) return parsed.data
    throw new ConnectError(
      'unexpected',
      `Kafka Connect at ${base} answered GET ${where} of ${connector} in a form that is not known here`,
    )
  }

  const status = async (connector: string): Promise<ConnectorStatus | undefined> => {
    const found = await read(connector, '/status', statusSchema)
    return found && { state: found.connector.state, tasks: found.tasks.map(cutTrace) }
  }

  const put = async (connector: string, verb: string): Promise<void> => {
    const answer = await exchange('PUT', path(connector, `/${verb}`))
    if (!answer.ok) throw await refused(answer, base, connector, verb)
    await answer.arrayBuffer()
  }

  /** It does not know the way at all, rather than the connector. */
  const isTooOld = async ({ status: code }: Response, connector: string): Promise<boolean> =>
    (code === 404 || code === 405) && (await status(connector)) !== undefined

  return {
    status,
    async stop(connector) {
      const answer = await exchange('PUT', path(connector, '/stop'))
      await answer.arrayBuffer()
      if (answer.ok) return 'stop'
      if (!(await isTooOld(answer, connector))) throw await refused(answer, base, connector, 'stop')
      await put(connector, 'pause')
      return 'pause'
    },
    async letGo(connector) {
      const tasks = (await status(connector))?.tasks ?? []
      if (!tasks.every(isPaused)) return
      for (const { id } of tasks) {
        // Answered when the task has ended and another stands in for it.
        const answer = await exchange('POST', path(connector, `/tasks/${id}/restart`))
        if (!answer.ok) throw await refused(answer, base, connector, `restart of task ${id}`)
        await answer.arrayBuffer()
      }
      // The one that has ended says so a moment before the other says that it is paused.
      const deadline = now() + letGoWithinMs
      for (let seen = 0; tasks.length > 0 && seen < 2; await pause(againAfterMs)) {
        const found = await status(connector)
        seen = found?.tasks.every(isPaused) ? seen + 1 : 0
        if (seen < 2 && now() >= deadline)
          throw new ConnectError(
            'timed-out',
            `The tasks of ${connector} at ${base} were restarted and have not let go within ${letGoWithinMs} ms: ${found?.tasks.map(({ id, state }) => `task ${id} is ${state}`).join(', ') ?? 'it is not there'}. Nothing was carried: see that it stays paused and what its worker's log says, then try again`,
          )
      }
    },
    resume: (connector) => put(connector, 'resume'),
    async offsets(connector) {
      const found = await read(connector, '/offsets', offsetsSchema)
      if (!found)
        throw new ConnectError(
          'unknown',
          `${connector} at ${base} gives no offsets: no such connector, or Kafka Connect older than 3.5. There, name the topic in which its workers keep them: offsets, beside this url in migration.yaml`,
        )
      return found.offsets
    },
    async setOffsets(connector, offsets, stillMine) {
      await stillMine()
      const answer = await exchange('PATCH', path(connector, '/offsets'), { offsets })
      await answer.arrayBuffer()
      if (answer.ok) return undefined
      if (await isTooOld(answer, connector))
        throw new ConnectError(
          'too-old',
          `${connector} at ${base} takes no offsets: Kafka Connect is older than 3.6. Name the topic in which its workers keep them: offsets, beside this url in migration.yaml`,
        )
      throw await refused(answer, base, connector, 'setting offsets (needs a stopped connector)')
    },
    async settings(connector, keys) {
      const found = (await read(connector, '/config', settingsSchema)) ?? {}
      return Object.fromEntries(keys.flatMap((key) => (typeof found[key] === 'string' ? [[key, found[key]]] : [])))
    },
    async connectors() {
      const answer = await exchange('GET', '/connectors')
      const parsed = answer.ok ? z.array(z.string()).safeParse(await answer.json()) : undefined
      if (parsed?.success) return parsed.data
      throw new ConnectError('unexpected', `Kafka Connect at ${base} does not list its connectors (${answer.status})`)
    },
    async version() {
      const answer = await exchange('GET', '/')
      const parsed = answer.ok ? rootSchema.safeParse(await answer.json()) : undefined
      if (parsed?.success) return parsed.data.version
      throw new ConnectError('unexpected', `Kafka Connect at ${base} does not say its version (${answer.status})`)
    },
  }
}

const isPaused = ({ state }: { state: string }): boolean => state === 'PAUSED'

/** What happened and what caused it, without the frames between: the innermost cause says most, and stands last. */
function cutTrace<T extends { trace?: string | undefined }>({ trace, ...task }: T) {
  return { ...task, ...(trace ? { trace: causesIn(trace).slice(0, traceLength) } : {}) }
}

const causesIn = (trace: string): string =>
  trace
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+(at |\.\.\. \d+ )/.test(line))
    .join('\n')

/** The status says enough: the body may quote a configuration, and that holds secrets. */
async function refused(answer: Response, base: string, connector: string, what: string): Promise<ConnectError> {
  if (!answer.bodyUsed) await answer.arrayBuffer()
  const code = answer.status === 404 ? 'unknown' : answer.status === 409 ? 'rebalancing' : 'refused'
  return new ConnectError(
    code,
    `Kafka Connect at ${base} answered ${answer.status} to ${what} of connector ${connector}`,
  )
}
