import { z } from 'zod'
import { type App, type Migration, type Side, sides } from '../config/migration.js'
import type { Offsets } from '../connect/kafka/types.js'
import { groupsOf } from '../proof/consumption.js'
import type { GroupRemainder } from '../proof/drained.js'
import type { Measured } from '../runbook/language.js'
import { cycleOf, writersOf } from './flow.js'
import { gate } from './gate.js'
import type { Commits, Ends, OnKafka, Scans, Starts } from './reading/clients.js'
import { remainingOf } from './reading/remaining.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'
import { alive, appsSeen, type SeesWorkloads } from './workloads.js'

const args = z.strictObject({ side: z.enum(sides), app: z.string() })
const lastSchema = z.object({ ends: z.record(z.string(), z.string()) })

export const appDry = gate<SeesWorkloads & OnKafka<Commits & Starts & Ends & Scans>, z.infer<typeof args>>({
  name: 'app-dry',
  proves:
    'whoever writes what an app reads is gone, and nothing is left for it to read, so that it can be stopped without losing a record',
  args,
  async measure(deps, { side, app: name }, { migration, last }) {
    const app = migration.apps.find((one) => one.name === name)
    if (!app) return { verdict: 'error', reason: 'app-unknown', text: `${name} is not one of apps: in migration.yaml.` }
    const cycle = cycleOf(migration, app)
    const writing = await writersLeft(deps, migration, side, cycle)
    if (writing.length > 0)
      return {
        verdict: 'failed',
        reason: 'writers-left',
        evidence: { writers: writing },
        text: `${name} still gets input from ${few(writing)}.`,
      }
    return unlessUnreadable(async () => {
      const { left, ends } = await remainingOf(deps.kafka[side], groupsOf(cycle))
      return verdictOn(name, left, sums(ends), lastSchema.safeParse(last).data?.ends)
    })
  },
})

/** Apps outside the circle that feed it and are not gone. Read before the offsets: what they wrote until then is in the log ends. */
async function writersLeft(
  deps: SeesWorkloads,
  migration: Migration,
  side: Side,
  cycle: readonly App[],
): Promise<string[]> {
  const writers = new Set(cycle.flatMap((app) => writersOf(migration, app)).filter((app) => !cycle.includes(app)))
  if (writers.size === 0) return []
  const seen = await appsSeen(deps, { ...migration, apps: [...writers] }, side)
  return seen
    .filter((one) => one.replicas > 0 || alive(one).length > 0)
    .map((one) => `${one.app.name} (${count(one.replicas, 'replica')} wanted, ${count(alive(one).length, 'pod')})`)
}

/** A log that grew since the last look has a writer that migration.yaml does not know, even if all of it is read already. */
function verdictOn(
  name: string,
  left: readonly GroupRemainder[],
  ends: Record<string, string>,
  before: Record<string, string> | undefined,
): Measured {
  const behind = left.filter(({ remaining }) => remaining > 0)
  const evidence = { ends, groups: left.map(({ group, remaining, explained }) => ({ group, remaining, explained })) }
  if (behind.length > 0) {
    const words = behind.map(
      ({ group, remaining, worst }) =>
        `${group} has ${count(remaining, 'record')} to read${worst ? `, most in ${worst.topic}-${worst.partition}` : ''}`,
    )
    return { verdict: 'failed', reason: 'not-drained', evidence, text: `${name} is not dry: ${few(words)}.` }
  }
  const grown = Object.keys(ends).filter((topic) => before?.[topic] !== undefined && before[topic] !== ends[topic])
  if (grown.length > 0)
    return {
      verdict: 'failed',
      reason: 'still-written',
      evidence,
      text: `${name} is not dry: somebody still writes ${few(grown)}, though every app that produces there is gone.`,
    }
  return {
    verdict: 'passed',
    evidence,
    text: `${name} is dry: nobody writes what it reads, and it has read all of it.`,
  }
}

function sums(ends: Offsets): Record<string, string> {
  return Object.fromEntries(
    [...ends].map(([topic, partitions]) => [
      topic,
      String([...partitions.values()].reduce((sum, end) => sum + end, 0n)),
    ]),
  )
}
