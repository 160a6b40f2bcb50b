import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBot } from '../../lab/demo/bot.js'
import { makeRun } from '../../lab/demo/runs.js'
import { kubernetesWorkloads } from '../../lab/floor/workloads.js'
import { floor, floorBack } from '../../lab/floor.js'
import { type Lab, upLab } from '../../lab/index.js'
import type { LabDescription, Progress } from '../../lab/types.js'
import { type Measured, median } from '../row.js'
import type { Bench, Suite } from './index.js'

/** Steps of the runbook from the first producer's stop to the first producer's start: what the bot adds, it adds in these. */
const stepsWhileDown = { there: 4, back: 3 }
const peerName = 'bare script'

interface Seen {
  readonly producersDownMs?: number
  readonly worstAgeMs: number
  readonly lost: number
  readonly duplicated: number
}
type Way = 'there' | 'back'

/** Whoever moves the estate to the target and back. */
interface Mover extends Readonly<Record<Way, () => Promise<Seen>>> {
  readonly name: string
  stop(): Promise<void>
}

/** The bot with all approvals given at once, and a bare script that makes the same changes and waits, on one lab. */
export const cutover: Suite = {
  measures: 'how long producers are down, and the longest that any record waits, beside a bare script',
  async run({ runs, progress }) {
    const folder = await mkdtemp(join(tmpdir(), 'floodgate-bench-'))
    const lab = await upLab(
      { folder, source: '3.9', target: '4', brokers: 1, kubernetes: 'embedded', rate: 20 },
      progress,
    )
    try {
      return await onLab(lab, { runs, progress })
    } finally {
      await lab.stop()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** First the bot, then the script: what the script leaves on the target is in nobody's log, and the bot would rightly refuse to cut over onto it. */
async function onLab({ description }: Lab, { runs, progress }: Bench): Promise<readonly Measured[]> {
  const bot = await inTurns(runs, progress, await byBot(description, progress))
  const script = await inTurns(runs, progress, byScript(description))
  return [...measured('there', bot.there, script.there), ...measured('back', bot.back, script.back)]
}

/** The script's runs have the lab for themselves: beside them the bot would take its share of the processor. */
async function byBot(lab: LabDescription, progress: Progress): Promise<Mover> {
  const bot = await startBot(lab)
  return {
    name: 'bot',
    there: () => makeRun(lab, 'cutover', progress),
    back: () => makeRun(lab, 'rollback', progress),
    stop: bot.stop,
  }
}

function byScript(lab: LabDescription): Mover {
  const contexts = { source: 'admin@source', target: 'admin@target' }
  const workloads = kubernetesWorkloads({ ...lab.kubernetes, contexts })
  return {
    name: peerName,
    there: () => floor(lab, workloads),
    back: () => floorBack(lab, workloads),
    stop: async () => {},
  }
}

async function inTurns(runs: number, progress: Progress, { name, stop, ...ways }: Mover) {
  const seen: Record<Way, Seen[]> = { there: [], back: [] }
  try {
    for (let run = 1; run <= runs; run++) {
      for (const way of ['there', 'back'] as const) {
        const one = await ways[way]()
        // A run that lost or repeated something is no measurement.
        if (one.lost || one.duplicated)
          throw new Error(`${name}, ${way}: lost ${one.lost} and repeated ${one.duplicated} records.`)
        seen[way].push(one)
        progress(
          `${name}, ${way}, ${run} of ${runs}: producers down ${one.producersDownMs} ms, worst age ${one.worstAgeMs} ms`,
        )
      }
    }
  } finally {
    await stop()
  }
  return seen
}

function measured(way: Way, bot: readonly Seen[], script: readonly Seen[]): readonly Measured[] {
  const down = (seen: Seen) => (seen.producersDownMs ?? 0) / 1000
  const age = (seen: Seen) => seen.worstAgeMs / 1000
  const floorSeconds = median(script.map(down))
  const beside = (name: string, figure: (seen: Seen) => number): Measured => ({
    name: `${way}: ${name}`,
    unit: 's',
    ours: bot.map(figure),
    peer: { name: peerName, values: script.map(figure) },
  })
  return [
    beside('producers down', down),
    {
      name: `${way}: the bot's own share of it, for each of ${stepsWhileDown[way]} steps`,
      unit: 's',
      ours: bot.map((seen) => (down(seen) - floorSeconds) / stepsWhileDown[way]),
      goal: 1,
    },
    beside('worst age of a record', age),
  ]
}
