import { at } from '../percentile.js'
import type { Measured } from '../row.js'
import { clicks } from '../runs/clicks.js'
import { longNight } from '../runs/long-night.js'
import { approvalToEffect, killToGoingOn, rebuild } from '../runs/nights.js'
import type { Suite } from './index.js'

/** What a run costs: the bot as a process of its own, real Redis with `appendfsync always`, Slack's stand-in, the model estate. */
export const runs: Suite = {
  measures:
    'a click to its answer and to the log, an approval to its first effect, a kill to going on, a long log, a long night',
  async run({ runs: times, progress }) {
    const seen = { answer: [] as number[], append: [] as number[], bare: [] as number[] }
    const effect: number[] = []
    const kill: number[] = []
    const load: number[] = []
    for (let i = 1; i <= times; i++) {
      progress(`runs, ${i} of ${times}`)
      const clicked = await clicks()
      seen.answer.push(at(0.99, clicked.answerMs))
      seen.append.push(at(0.5, clicked.appendMs))
      seen.bare.push(at(0.5, clicked.bareMs))
      effect.push(...(await approvalToEffect()))
      kill.push(await killToGoingOn())
      load.push(await rebuild())
    }
    progress('runs, the long night')
    const long = await longNight()
    const bare = { name: 'bare BullMQ, add to start', values: seen.bare }
    return [
      { name: 'click to answer, 99 of 100', unit: 'ms', ours: seen.answer, goal: 1000 },
      { name: 'click to append', unit: 'ms', ours: seen.append, peer: bare, ratioGoal: 3 },
      { name: 'approval to first effect, gates apart', unit: 'ms', ours: effect, goal: 250 },
      { name: 'kill -9 of one of two to the next event', unit: 'ms', ours: kill, goal: 5000 },
      { name: 'rebuild of a log of 10,000 events', unit: 'ms', ours: load },
      ...ofLongNight('events in the log', '', long.events),
      ...ofLongNight('log', 'KiB', long.logBytes / 1024),
      ...ofLongNight('heap at most', 'MiB', long.heapBytes / 1024 ** 2),
      ...ofLongNight('calls to Slack', '', long.slackCalls),
    ]
  },
}

const ofLongNight = (name: string, unit: string, value: number): readonly Measured[] => [
  { name: `300 apps, 10,000 partitions, 6 h in the model: ${name}`, unit, ours: [value] },
]
