/** An effect that is not safe to perform as things stand: the message says why, and what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal'

  constructor(
    readonly code:
      | 'fact-missing'
      | 'fact-changed'
      | 'group-live'
      | 'checkpoints-run'
      | 'not-held'
      | 'inexact'
      | 'other-side-runs'
      | 'connector-unknown'
      | 'transaction-open'
      | 'stranger'
      | 'out-of-order',
    message: string,
  ) {
    super(message)
  }
}
