import type { Refused } from './types.js'

/** Counts every call, and keeps every refusal: a test can say that the app was never turned down. */
export interface Tally {
  called(method: string): void
  refused(method: string, error: string, messages: readonly string[]): void
  calls(): Readonly<Record<string, number>>
  refusals(): readonly Refused[]
  clear(): void
}

export function createTally(): Tally {
  let calls: Record<string, number> = {}
  let refusals: Refused[] = []
  return {
    called(method) {
      calls[method] = (calls[method] ?? 0) + 1
    },
    refused(method, error, messages) {
      refusals.push({ method, error, messages })
    },
    calls: () => ({ ...calls }),
    refusals: () => [...refusals],
    clear() {
      calls = {}
      refusals = []
    },
  }
}
