import { setTimeout as pause } from 'node:timers/promises'
import { waitFor } from '../../lab/readiness.js'
import type { Cell } from './faults.js'
import { livedThrough } from './night.js'
import { type Bot, type Scene, startScene } from './scene.js'

export interface Played {
  /** Sentences; none is what is wanted. */
  readonly broken: readonly string[]
  /** From the blow to the next event in the log; null where the fault never struck. */
  readonly wentOnAfterMs: number | null
}

const redisPausedMs = 5000
const strikesWithinMs = 10_000
const wakesWithinMs = 30_000

/** One night, struck by the fault in the step, and whether it kept its promises. `slackForMs`: how long Slack fails. */
export async function play({ fault, step }: Cell, slackForMs: number): Promise<Played> {
  const scene = await startScene()
  try {
    const struck = { boundary: fault.boundary, blow: fault.blow, step }
    const bots = await Promise.all(
      ['one', 'two'].slice(0, fault.replicas).map((replica) => scene.start(replica, struck)),
    )
    const blow = follow(scene, bots, { fault, step }, slackForMs)
    const broken = await livedThrough(scene, { back: step === 'undo-two', meanwhile: blow.look, after: blow.end })
    const at = blow.at()
    const next = at === null ? undefined : (await scene.log.entries()).find((entry) => entry.at >= at)
    return {
      broken: at === null ? [...broken, 'the fault never struck', ...bots.flatMap(({ said }) => said)] : broken,
      wentOnAfterMs: at === null || !next ? null : next.at - at,
    }
  } finally {
    await scene.stop()
  }
}

/** Looks whether a bot was struck, and does what follows from it, once. */
function follow(scene: Scene, bots: readonly Bot[], { fault }: Cell, slackForMs: number) {
  const hit = () => bots.find((bot) => bot.struckAt() !== null)
  const { blow } = fault
  let followed = false

  async function look(): Promise<void> {
    const bot = hit()
    if (!bot || followed) return
    followed = true
    switch (blow.does) {
      case 'SIGKILL':
        if (fault.replicas === 1) await scene.start('one', null)
        return
      case 'SIGSTOP':
        return
      case 'redis-restarts': {
        const back = scene.redis.restart()
        bot.tell('struck')
        return back
      }
      case 'redis-pauses':
        scene.redis.kill('SIGSTOP')
        bot.tell('struck')
        await pause(redisPausedMs)
        scene.redis.kill('SIGCONT')
        return
      case 'slack':
        await scene.slack.fault({
          method: '*',
          answer: blow.answer,
          forMs: slackForMs,
          ...(blow.answer === 429 ? { retryAfter: 2 } : {}),
        })
        bot.tell('struck')
        return
    }
  }

  return {
    look,
    at: () => hit()?.struckAt() ?? null,
    /** What the channel still has to be told may be struck when the run is over; a bot that was stopped goes on with what it was at. */
    async end(): Promise<void> {
      await waitFor(async () => (hit() ? true : undefined), strikesWithinMs)
      await look()
      const bot = hit()
      if (blow.does !== 'SIGSTOP' || !bot) return
      bot.signal('SIGCONT')
      await waitFor(async () => bot.isOver() || undefined, wakesWithinMs)
    },
  }
}
