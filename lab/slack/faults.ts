/** What Slack does instead of answering: an HTTP status, one of its error codes, silence, or doing it and losing the answer. */
export interface Fault {
  /** A method, or `*` for all of them. */
  readonly method: string
  readonly answer: 429 | 500 | 503 | 'silence' | 'lost' | 'delay' | `error:${string}`
  /** For this many calls, or for this long; whichever ends first. Neither: until cleared. */
  readonly calls?: number
  readonly forMs?: number
  /** Seconds, with a 429. */
  readonly retryAfter?: number
  /** With `delay`, before the call is done. */
  readonly delayMs?: number
}

export interface Faults {
  set(fault: Fault): void
  /** The fault that this call meets, if any; counts it down. */
  meet(method: string): Fault | undefined
  clear(): void
}

export function createFaults(now: () => number): Faults {
  let active: { fault: Fault; left: number; until: number }[] = []
  return {
    set(fault) {
      active.push({
        fault,
        left: fault.calls ?? Number.POSITIVE_INFINITY,
        until: fault.forMs === undefined ? Number.POSITIVE_INFINITY : now() + fault.forMs,
      })
    },
    meet(method) {
      active = active.filter(({ left, until }) => left > 0 && now() < until)
      const met = active.find(({ fault }) => fault.method === '*' || fault.method === method)
      if (met === undefined) return undefined
      met.left -= 1
      return met.fault
    },
    clear() {
      active = []
    },
  }
}
