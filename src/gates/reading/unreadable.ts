import type { Measured } from '../../runbook/language.js'

const silent = new Set(['unreachable', 'timed-out', 'no-leader', 'unreadable', 'not-coordinated', 'rebalancing'])

/**
 * A cluster that cannot be read proves nothing in either direction, so such a look is inconclusive and says who was silent. All
 * other errors are the engine's.
 */
export async function unlessUnreadable(measure: () => Promise<Measured>): Promise<Measured> {
  try {
    return await measure()
  } catch (error) {
    const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
    if (typeof code !== 'string' || !silent.has(code)) throw error
    return { verdict: 'inconclusive', reason: 'unreadable', text: (error as Error).message }
  }
}
