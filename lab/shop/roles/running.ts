/** A role at work. `ended` rejects when it broke; `stop` finishes what is in hand, commits it and leaves. */
export interface Running {
  readonly ended: Promise<void>
  stop(): Promise<void>
}
