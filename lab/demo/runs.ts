import { leftBehind } from '../floor/crossing.js'
import { withParts } from '../floor/parts.js'
import { kubernetesWorkloads } from '../floor/workloads.js'
import { exactly, floor, floorBack } from '../floor.js'
import { connectLedger } from '../ledger/index.js'
import { settled } from '../ledger/settled.js'
import type { LabDescription, Progress } from '../types.js'
import { approveAll } from './approver.js'

/** One run of the bot as the ledger saw it. */
export interface RunResult {
  readonly name: string
  readonly stepsPassed: number
  readonly steps: number
  readonly lost: number
  readonly duplicated: number
  readonly behindOnSource: number
  readonly producersDownMs: number
  readonly worstAgeMs: number
}

export interface Floors {
  readonly cutoverMs: number
  readonly rollbackMs: number
}

const settledWithinMs = 120_000

/**
 * The same changes and waits by a bare script on the same lab, from the target back and there again. Comes after the bot's
 * runs: what the script leaves on the target is in nobody's log, and the bot would rightly refuse to cut over onto it.
 */
export async function measureFloors(lab: LabDescription, runbook: string, progress: Progress): Promise<Floors> {
  const order = runbook === 'cutover-mirror-last' ? 'mirror-last' : 'mirror-first'
  const contexts = { source: 'admin@source', target: 'admin@target' }
  const workloads = kubernetesWorkloads({ ...lab.kubernetes, contexts })
  progress('the floor: the same changes by a bare script, back to the source')
  const back = await floorBack(lab, workloads)
  progress('the floor: and to the target again')
  const there = await floor(lab, workloads, { ...exactly, order })
  return { cutoverMs: there.producersDownMs ?? 0, rollbackMs: back.producersDownMs ?? 0 }
}

/** Has one run made, every approval given as people would, and the ledger judged. */
export async function makeRun(lab: LabDescription, command: string, progress: Progress): Promise<RunResult> {
  const fromMs = Date.now()
  const ended = await approveAll(lab.slack, command, progress)
  if (!ended.finished) throw new Error(ended.text)
  const behindOnSource = command.startsWith('cutover') ? await countBehind(lab) : 0
  const ledger = connectLedger(lab.ledger.url)
  try {
    const seen = await settled(ledger, { fromMs, untilMs: Date.now() }, settledWithinMs)
    return {
      name: command,
      stepsPassed: ended.stepsPassed,
      steps: ended.steps,
      lost: seen.lost,
      duplicated: seen.duplicated,
      behindOnSource,
      producersDownMs: seen.producersDownMs ?? 0,
      worstAgeMs: seen.worstAgeMs,
    }
  } finally {
    await ledger.close()
  }
}

function countBehind(lab: LabDescription): Promise<number> {
  const workloads = kubernetesWorkloads(lab.kubernetes)
  return withParts(lab, workloads, leftBehind)
}

const seconds = (ms: number) => (ms / 1000).toFixed(1)

export function lineOf(run: RunResult, floorMs: number): string {
  return `${run.name} steps=${run.stepsPassed}/${run.steps} lost=${run.lost} duplicated=${run.duplicated} behind_on_source=${run.behindOnSource} producers_down_s=${seconds(run.producersDownMs)} floor_s=${seconds(floorMs)} worst_age_s=${seconds(run.worstAgeMs)}`
}
