import { setTimeout as pause } from 'node:timers/promises'
import { KafkaError } from './errors.js'

const betweenMs = 100

/**
 * Repeats an attempt until it says that nothing is left to do, or the deadline passes. An attempt answers what still failed and
 * may yet come right, as an error for people; a silent or lost broker is given the same patience.
 */
export async function untilDone(
  withinMs: number,
  now: () => number,
  attempt: (deadline: number) => Promise<KafkaError | undefined>,
): Promise<void> {
  const deadline = now() + withinMs
  for (;;) {
    const left = await attempt(deadline).catch((error: unknown) => {
      if (error instanceof KafkaError && (error.code === 'unreachable' || error.code === 'no-leader')) return error
      throw error
    })
    if (!left) return
    if (now() + betweenMs >= deadline) throw left
    await pause(betweenMs)
  }
}
