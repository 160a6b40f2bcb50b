/** A failure of Kafka Connect's REST interface, with the address, the connector and what to do; never a setting's value. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError'

  constructor(
    readonly code: 'unreachable' | 'timed-out' | 'refused' | 'unknown' | 'too-old' | 'rebalancing' | 'unexpected',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
