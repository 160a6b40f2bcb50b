import { LabError } from '../errors.js'
import { waitFor } from '../readiness.js'

export interface Connector {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  readonly state: 'RUNNING' | 'STOPPED'
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
  const created = await waitFor(async () => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/connectors`, { method: 'POST', headers, body })
    // 409: the workers are still agreeing on who does what.
    return answer.status === 409 ? undefined : answer
  }, withinMs)
  if (!created?.ok) {
    throw new LabError('refused', `Kafka Connect refused the connector ${name}: ${await created?.text()}`)
  }
  await waitForState(url, name, state, withinMs)
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
