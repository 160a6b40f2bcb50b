import type { KafkaConnect } from '../kafka-connect/kafka-connect.js'
import type { KafkaConnectors, StrimziVersion } from '../kubernetes/kafka-connectors.js'
import { readAgainOnConflict } from './read-again.js'

export interface ConnectorResource {
  /** Of the KafkaConnector, and of its connector. */
  readonly name: string
  readonly version: StrimziVersion
  /** By its state (Strimzi 0.38 on), or by `pause`, which is older. */
  readonly stop: 'stopped' | 'paused'
}

/**
 * A Kafka Connect with a connector that belongs to Strimzi's operator, which undoes what is changed behind its back (strimzi#3277): it is
 * stopped and started through its KafkaConnector. How it stands and what it has delivered is asked and set by the REST interface, since the
 * operator leaves offsets alone.
 */
export function createConnectorResource(
  rest: KafkaConnect,
  resources: KafkaConnectors,
  { name, version, stop }: ConnectorResource,
): KafkaConnect {
  // `pause` is the older word for it, and the two may not contradict each other.
  const specs =
    stop === 'stopped'
      ? { rest: { state: 'stopped', pause: null }, run: { state: 'running', pause: null } }
      : { rest: { pause: true }, run: { pause: false } }
  return {
    ...rest,
    async stop(connector) {
      if (connector !== name) return rest.stop(connector)
      await readAgainOnConflict(() => resources.change(version, name, specs.rest))
      return stop === 'stopped' ? 'stop' : 'pause'
    },
    async resume(connector) {
      if (connector !== name) return rest.resume(connector)
      await readAgainOnConflict(() => resources.change(version, name, specs.run))
    },
  }
}
