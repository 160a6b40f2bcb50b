import type { Ledger } from './index.js'
import { createJudge, type Judgement, type Window } from './judge.js'

const lookEveryMs = 250

/**
 * Waits until every order acked in the window was processed by all of its groups, or the deadline has passed, and returns the
 * last judgement either way. Traffic may go on meanwhile: what is acked later is not waited for.
 */
export async function settled(ledger: Ledger, window: Window, withinMs: number): Promise<Judgement> {
  const judge = createJudge(ledger)
  const deadline = Date.now() + withinMs
  for (;;) {
    const seen = await judge(window)
    if (seen.lost === 0 || Date.now() >= deadline) return seen
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
}
