import { expect } from '@jest/globals'
import { exactlyOnce, type Night, stepsPassed } from './night.js'

/** Where to turn back, in which order of steps, and between which versions. */
export interface Cell {
  readonly source: '3.9' | '2.4'
  readonly target: '4' | '2.8'
  readonly runbook: 'cutover' | 'cutover-mirror-last'
  /** So many of the nine steps are done before people turn back. */
  readonly steps: number
}

export const pairs = [
  { source: '3.9', target: '4' },
  { source: '2.4', target: '2.8' },
] as const
export const runbooks = ['cutover', 'cutover-mirror-last'] as const
export const turningPoints = [1, 2, 3, 4, 5, 6, 7, 8] as const

/** Every cell once. */
export const cells: readonly Cell[] = pairs.flatMap((pair) =>
  runbooks.flatMap((runbook) => turningPoints.map((steps) => ({ ...pair, runbook, steps }))),
)

/** Cuts over to a step, rolls back, and cuts over again to the end: after each of them every order was processed exactly once. */
export async function thereBackAndThere(night: Night, { runbook, steps }: Pick<Cell, 'runbook' | 'steps'>) {
  const back = await night.runAndTurnBack(`cutover ${runbook}`, steps)
  expect(back.run.phase.is).toBe('finished')
  expect(back.run.steps.filter(({ undoOf }) => undoOf).every(({ phase }) => phase.is === 'undone')).toBe(true)
  expect(back.judgement).toMatchObject(exactlyOnce)
  expect((await night.log.load()).state.activeSide).toBe('source')

  const again = await night.run(`cutover ${runbook}`)
  expect(stepsPassed(again.run)).toBe('9/9')
  expect(again.judgement).toMatchObject(exactlyOnce)
}
