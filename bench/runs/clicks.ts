import { waitFor } from '../../lab/readiness.js'
import { operator } from '../../test/faults/model.js'
import { startScene } from '../../test/faults/scene.js'
import { buttonsIn } from '../../test/lab/night-buttons.js'
import { addToStart } from './bare-queue.js'

export interface Clicks {
  /** From the click to Slack's acknowledgement, which follows the append; milliseconds, one for each click. */
  readonly answerMs: readonly number[]
  /** From the click to the moment that the log gives the approval. */
  readonly appendMs: readonly number[]
  /** Bare BullMQ on the same Redis, a worker in a process that does nothing else: from adding a job to its start. */
  readonly bareMs: readonly number[]
}

const people = 100

/** People approve one after the other, by Socket Mode, at a bot that is a process of its own. */
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
    const clicked = new Map<string, number>()
    const answerMs: number[] = []
    for (const { id, name } of approvers) {
      const begun = performance.now()
      clicked.set(id, Date.now())
      await scene.person(name).click(button!.message, button!.actionId)
      answerMs.push(performance.now() - begun)
    }
    const appendMs = (await scene.log.entries()).flatMap(({ event, by, at }) =>
      event.type === 'approved' && by.kind === 'person' ? [at - clicked.get(by.id)!] : [],
    )
    return { answerMs, appendMs, bareMs: await addToStart(scene.redis.url, people) }
  } finally {
    await scene.stop()
  }
}
