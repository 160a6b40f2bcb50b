import { waitForState } from '../kafka/index.js'

export interface ConnectorOffset {
  readonly partition: Readonly<Record<string, string | number>>
  readonly offset: Readonly<Record<string, number>> | null
}

/** Connectors of one Kafka Connect worker, by name. */
export interface Connectors {
  /** Resolves when it is stopped, its last offsets committed. */
  stop(name: string): Promise<void>
  resume(name: string): Promise<void>
  offsets(name: string): Promise<ConnectorOffset[]>
  /** The connector must be stopped. */
  setOffsets(name: string, offsets: readonly ConnectorOffset[]): Promise<void>
}

export function createConnectors(url: string): Connectors {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${url}/connectors/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`Kafka Connect answered ${method} ${path} with ${answer.status}: ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  return {
    stop: async (name) => {
      await call('PUT', `${name}/stop`)
      await waitForState(url, name, 'STOPPED')
    },
    resume: async (name) => {
      await call('PUT', `${name}/resume`)
      await waitForState(url, name, 'RUNNING')
    },
    offsets: async (name) => ((await call('GET', `${name}/offsets`)) as { offsets: ConnectorOffset[] }).offsets,
    setOffsets: async (name, offsets) => {
      await call('PATCH', `${name}/offsets`, { offsets })
    },
  }
}
