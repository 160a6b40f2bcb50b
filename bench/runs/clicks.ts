import { Redis } from 'ioredis'
import { waitFor } from '../../lab/readiness.js'
import { operator } from '../../test/faults/model.js'
import { startScene } from '../../test/faults/scene.js'
import { buttonsIn } from '../../test/lab/night-buttons.js'
import { addToStart } from './bare-queue.js'

export interface Clicks {
  /** From the click to Slack's acknowledgement, which follows the append; milliseconds, one for each click. */
  readonly answerMs: readonly number[]
  /** From the moment at which Slack sends a click on its way to the one at which Redis begins to append what was decided on it. */
  readonly appendMs: readonly number[]
  /** Bare BullMQ on the same Redis, a worker in a process that does nothing else: from adding a job to its start. */
  readonly bareMs: readonly number[]
}

const people = 100
const quietMs = 30

/** People approve one after the other, by Socket Mode, at a bot that is a process of its own: each when the channel shows the click before and the bot has nothing left to do. */
export async function clicks(): Promise<Clicks> {
  const approvers = Array.from({ length: people }, (_, i) => operator(`P${i}`))
  // One more than there are: the step stands still while it is clicked.
  const scene = await startScene({ people: [operator('Alice'), ...approvers], approvals: people + 1 })
  try {
    await scene.start('one', null)
    await scene.person('Alice').command('/migrate cutover night')
    const button = await waitFor(
      async () => buttonsIn(await scene.state()).find(({ label }) => label === 'Approve'),
      60_000,
    )
    const appended = await watchApprovals(scene.redis.url)
    const answerMs: number[] = []
    const sent = new Map<string, number>()
    for (const [i, { id, name }] of approvers.entries()) {
      const begun = performance.now()
      const { action_ts } = await scene.person(name).click(button!.message, button!.actionId)
      answerMs.push(performance.now() - begun)
      sent.set(id, Number(action_ts))
      await scene.person(name).waitForMessage(({ text }) => text.includes(`${i + 1} of ${people + 1} approval`), 60_000)
      await appended.quiet()
    }
    appended.stop()
    const appendMs = [...sent].map(([id, at]) => (appended.at(id) - at) * 1000)
    return { answerMs, appendMs, bareMs: await addToStart(scene.redis.url, people) }
  } finally {
    await scene.stop()
  }
}

/** When Redis appended whose approval, in seconds and to the microsecond: the log itself keeps whole milliseconds. */
async function watchApprovals(url: string) {
  const redis = new Redis(url)
  const monitor = await redis.monitor()
  const seen = new Map<string, number>()
  let lastAt = performance.now()
  monitor.on('monitor', (time: string, [command, ...args]: string[]) => {
    lastAt = performance.now()
    const approved = command === 'RPUSH' ? args.find((one) => one.includes('"type":"approved"')) : undefined
    if (approved) seen.set((JSON.parse(approved) as { by: { id: string } }).by.id, Number(time))
  })
  return {
    at(person: string): number {
      const at = seen.get(person)
      if (at === undefined) throw new Error(`${person}'s approval was answered and not appended`)
      return at
    },
    /** Resolves when nobody has asked Redis for anything for a moment, as the bare queue's Redis is asked for nothing else. */
    quiet: () => waitFor(async () => performance.now() - lastAt > quietMs || undefined, 60_000, 5),
    stop: () => {
      monitor.disconnect()
      redis.disconnect()
    },
  }
}
