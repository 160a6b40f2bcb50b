import type { Shape } from './types.js'

/** Slack says no: `error` is Slack's own code, and `detail` stands beside it in the answer. */
export class Refusal extends Error {
  constructor(
    readonly error: string,
    readonly detail: Shape = {},
  ) {
    super(error)
    this.name = 'Refusal'
  }
}

export function refuse(error: string, detail: Shape = {}): never {
  throw new Refusal(error, detail)
}
