/** A plan that cannot be made: the message says what is missing or wrong, and what to do. */
export class PlanError extends Error {
  override readonly name = 'PlanError'
  constructor(
    readonly code:
      | 'count-missing'
      | 'flow-against-tiers'
      | 'app-unknown'
      | 'note-missing'
      | 'fact-missing'
      | 'transaction-open'
      | 'stranger'
      | 'partition-missing'
      | 'operator-owns'
      | 'right-missing'
      | 'acl-sync',
    message: string,
  ) {
    super(message)
  }
}
