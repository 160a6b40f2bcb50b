import { setTimeout as pause } from 'node:timers/promises'
import type { Migration } from '../../src/config/migration.js'
import { drained } from '../../src/gates/drained.js'
import type { Json } from '../../src/runbook/json.js'
import type { Measured } from '../row.js'
import type { Bench } from '../suites/index.js'
import { times } from './clock.js'
import { type BenchCluster, commitAll } from './estate.js'
import { groupsOf, type Size, topicsOf } from './size.js'

/** How often the engine looks at the checks of a step that waits (jobs/advance.ts). */
const everyMs = 250
const settleMs = 1000

/**
 * How long after the last commit and the settle time `drained` says so, looked at as often as the engine looks. The last commit comes at a
 * moment of its own, not right before a look.
 */
export async function measureDrain(
  cluster: BenchCluster,
  size: Size,
  written: bigint,
  goalMs: number,
  { runs, progress }: Bench,
): Promise<Measured[]> {
  const kafka = cluster.client()
  const other = cluster.client()
  const migration = migrationOf(size)
  const late = await times(runs, async (run) => {
    await commitAll(other, size, written - 1n)
    let last: Json | undefined
    let committedAt = Number.POSITIVE_INFINITY
    let lastWords = ''
    const committing = (async () => {
      await pause(everyMs * 2 + (run * everyMs) / runs)
      await commitAll(other, size, written)
      committedAt = Date.now()
    })()
    const deadline = Date.now() + 60_000
    for (;;) {
      const look = { now: Date.now(), since: 0, last, migration, fact: async () => undefined, alerts: [], answers: [] }
      const found = await drained.measure({ kafka: { source: kafka, target: kafka } }, { side: 'source' }, look)
      if (found.verdict === 'passed') break
      last = found.evidence
      lastWords = found.text
      if (Date.now() > deadline) throw new Error(`not drained within a minute: ${lastWords}`)
      await pause(everyMs)
    }
    const passedAt = Date.now()
    await committing
    return (passedAt - committedAt - settleMs) / 1000
  })
  await Promise.all([kafka.close(), other.close()])
  const partitions = (size.topics * size.partitions).toLocaleString('en')
  progress(`drained, ${partitions} partitions: ${late.map((one) => one.toFixed(3))} s`)
  return [
    {
      name: `to drained after the last commit and the settle time, ${partitions} partitions`,
      unit: 's',
      ours: late,
      goal: goalMs / 1000,
    },
  ]
}

/** The part of a migration.yaml that this gate reads. */
function migrationOf(size: Size): Migration {
  const apps = groupsOf(size).map(({ group, topics, isolation }, i) => ({
    name: `app-${i}`,
    tier: 'downstream',
    workload: `Deployment/app-${i}`,
    group,
    consumes: topics,
    produces: [],
    settle: settleMs,
    isolation,
  }))
  return { topics: topicsOf(size), apps } as unknown as Migration
}
