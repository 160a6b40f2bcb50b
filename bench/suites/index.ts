import type { Measured } from '../row.js'
import { cutover } from './cutover.js'
import { kafka } from './kafka.js'
import { runs } from './runs.js'

/** What a suite is given: how often to measure, and where to say how far it is. */
export interface Bench {
  readonly runs: number
  /** Only this one of the suite's parts; undefined: all. */
  readonly part?: string
  readonly progress: (text: string) => void
}

export interface Suite {
  /** One line for people. */
  readonly measures: string
  /** What can be run alone. */
  readonly parts?: readonly string[]
  run(bench: Bench): Promise<readonly Measured[]>
}

/** Add a suite: one file here, one line below. */
export const suites: Readonly<Record<string, Suite>> = { cutover, kafka, runs }
