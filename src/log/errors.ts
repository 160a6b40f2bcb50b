/** The log gave no answer in time, so what was asked is not recorded: the person has to try again. */
export class NotRecorded extends Error {
  readonly code = 'not-recorded'
  constructor(cause: unknown) {
    super('The log did not answer in time; nothing was recorded. Try again.', { cause })
  }
}

/** An event of a type that this version does not know: a newer replica wrote it, and this one must not act on half the truth. */
export class UnknownEvent extends Error {
  readonly code = 'unknown-event'
  constructor(version: number, type: string) {
    super(
      `Event ${version} has the type ${type}, which this version does not know. Run the newest version of Floodgate on every replica.`,
    )
  }
}

/** Redis no longer holds the log that this replica has read: lost, cut or replaced, and nothing may be built on it. */
export class LogLost extends Error {
  readonly code = 'log-lost'
  constructor(version: number) {
    super(
      `The log in Redis does not continue what this replica read up to event ${version}: it was lost, cut or replaced. Restore Redis, or adopt the migration anew, then restart every replica.`,
    )
  }
}
