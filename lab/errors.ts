/** What can go wrong with a lab in a way that a person can mend; `code` is for programs, the message says what to do. */
export class LabError extends Error {
  constructor(
    readonly code: LabErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'LabError'
  }
}

export type LabErrorCode =
  | 'already-up'
  | 'folder-in-use'
  | 'left-behind'
  | 'missing-program'
  | 'not-ready'
  | 'not-up'
  | 'refused'
  | 'wrong-option'
