import { waitFor } from '../../lab/readiness.js'
import { currentStep, type State } from '../../src/run/state.js'
import { brokenPromises } from './judge.js'
import { createApprover } from './people.js'
import type { Scene } from './scene.js'

export interface Course {
  /** Rolled back before its pivot, as soon as the last step asks. */
  readonly back?: boolean
  /** Looked at again and again while the night goes on. */
  readonly meanwhile?: () => Promise<void>
  /** When the run is over, before it is judged. */
  readonly after?: () => Promise<void>
}

const performed = {
  forward: ['a=0', 'b=0', 'c=0', 'a=2'],
  back: ['a=0', 'b=0', 'c=0', 'c=2', 'b=2', 'a=2'],
}
/** The longest wait in it is for Slack. */
const nightWithinMs = 150_000
/** Posts in doubt are looked for within 20 s. */
const settledWithinMs = 40_000
const nothing = async () => {}

/** One night: Alice asks, Bob and Carol approve whatever is asked. Resolves to the promises that it broke, as sentences. */
export async function livedThrough(
  scene: Scene,
  { back = false, meanwhile = nothing, after = nothing }: Course = {},
): Promise<readonly string[]> {
  const approvers = [createApprover(scene.person('Bob')), createApprover(scene.person('Carol'))]
  await scene.person('Alice').command('/migrate cutover night')
  const finished = await waitFor(
    async () => {
      await meanwhile()
      const { state } = await scene.log.load()
      if (state.run?.phase.is === 'finished') return true
      if (back) await rollBack(scene, state)
      const seen = await scene.state()
      for (const approver of approvers) await approver.approve(seen)
      return undefined
    },
    nightWithinMs,
    100,
  )
  await after()
  let broken: readonly string[] = []
  await waitFor(
    async () => {
      const [{ state, now }, entries, slack] = await Promise.all([scene.log.load(), scene.log.entries(), scene.state()])
      const accepted = new Map(approvers.map((one) => [one.user, one.acceptedIn(slack)]))
      const evidence = { state, entries, now, performed: scene.estate.performed, slack, accepted }
      broken = brokenPromises(evidence, back ? performed.back : performed.forward)
      return broken.length === 0 || undefined
    },
    finished ? settledWithinMs : 0,
    250,
  )
  return broken
}

async function rollBack(scene: Scene, { run }: State): Promise<void> {
  if (!run || run.steps.some(({ undoOf }) => undoOf)) return
  const asking = currentStep(run)
  if (asking?.id === 'three' && asking.phase.is === 'asking')
    await scene.person('Carol').command('/migrate rollback the target is sick')
}
