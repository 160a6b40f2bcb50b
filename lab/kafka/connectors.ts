import { LabError } from '../errors.js'
import { waitFor } from '../readiness.js'

export interface Connector {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  readonly state: 'RUNNING' | 'STOPPED' | 'PAUSED'
}

interface Status {
  readonly connector: { readonly state: string; readonly trace?: string }
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[]
}

/** Creates a connector in the state asked for and waits until it, and each task that it has, is in it. */
export async function createConnector(url: string, connector: Connector, withinMs = 30_000): Promise<void> {
  const { name, config, state } = connector
  // Workers older than 3.7 know no state to begin in, and refuse a word that they do not know.
  const body = JSON.stringify({ name, config, ...(state === 'RUNNING' ? {} : { initial_state: state }) })
  await ask(url, name, { method: 'POST', path: '/connectors', body, withinMs })
  await waitForState(url, name, state, withinMs)
}

/**
 * On a worker that knows no state to begin in: it begins with a configuration by which it reads nothing, and is given its own once it is
 * paused. Its tasks get that when it is resumed.
 */
export async function createPaused(
  url: string,
  connector: Connector,
  idle: Readonly<Record<string, string>>,
  withinMs = 30_000,
): Promise<void> {
  const { name, config } = connector
  await createConnector(url, { name, config: { ...config, ...idle }, state: 'RUNNING' }, withinMs)
  await ask(url, name, { method: 'PUT', path: `/connectors/${name}/pause`, withinMs })
  await waitForState(url, name, 'PAUSED', withinMs)
  await ask(url, name, { method: 'PUT', path: `/connectors/${name}/config`, body: JSON.stringify(config), withinMs })
  await waitForState(url, name, 'PAUSED', withinMs)
}

async function ask(
  url: string,
  name: string,
  { method, path, body, withinMs }: { method: string; path: string; body?: string; withinMs: number },
): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await waitFor(async () => {
    const found = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
    // 409: the workers are still agreeing on who does what.
    return found.status === 409 ? undefined : found
  }, withinMs)
  if (!answer?.ok) {
    throw new LabError('refused', `Kafka Connect refused the connector ${name}: ${await answer?.text()}`)
  }
}

export async function waitForState(url: string, name: string, state: string, withinMs = 30_000): Promise<void> {
  let last: Status | undefined
  const reached = await waitFor(async () => {
    const answer = await fetch(`${url}/connectors/${name}/status`)
    if (!answer.ok) return undefined
    last = (await answer.json()) as Status
    const parts = [last.connector, ...last.tasks]
    const failed = parts.find((part) => part.state === 'FAILED')
    if (failed) throw new LabError('not-ready', `The connector ${name} failed: ${failed.trace}`)
    return parts.every((part) => part.state === state) ? true : undefined
  }, withinMs)
  if (reached) return
  throw new LabError(
    'not-ready',
    `The connector ${name} was not ${state} within ${withinMs / 1000} s, but ${JSON.stringify(last)}`,
  )
}
