import { z } from 'zod'
import { type Side, sides } from '../config/migration.js'
import { gate } from './gate.js'
import type { OnKafka, Replicas } from './reading/clients.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})

/**
 * What a follower has not copied cannot be read while it counts as in sync, up to replica.lag.time.max.ms: the proofs wait for it, since log ends
 * are the leaders'. Who has dropped out already is better known before anybody waits, or loses the last copy.
 */
export const replicasFull = gate<OnKafka<Replicas>, z.infer<typeof args>>({
  name: 'replicas-full',
  proves:
    'every partition of both clusters has a leader and all its replicas in sync, so that what is acknowledged can be read and outlives a broker',
  args,
  measure: ({ kafka }) =>
    unlessUnreadable(async () => {
      const states = await Promise.all(sides.map(async (side) => lacking(side, await kafka[side].state())))
      const leaderless = states.flatMap((one) => one.leaderless)
      const behind = states.flatMap((one) => one.behind)
      const partitions = states.reduce((sum, one) => sum + one.partitions, 0)
      if (leaderless.length + behind.length > 0)
        return {
          verdict: 'failed',
          reason: leaderless.length > 0 ? 'leaderless' : 'under-replicated',
          evidence: { leaderless: leaderless.slice(0, 10), underReplicated: behind.slice(0, 10) },
          text: [
            ...(leaderless.length > 0
              ? [`${count(leaderless.length, 'partition')} without a leader: ${few(leaderless)}`]
              : []),
            ...(behind.length > 0
              ? [`${count(behind.length, 'partition')} with replicas that are not in sync: ${few(behind)}`]
              : []),
          ].join('; '),
        }
      return {
        verdict: 'passed',
        evidence: { partitions },
        text: `All ${count(partitions, 'partition')} of both clusters have a leader and all replicas in sync`,
      }
    }),
})

function lacking(side: Side, { topics }: Awaited<ReturnType<Replicas['state']>>) {
  const all = [...topics].flatMap(([topic, partitions]) =>
    partitions.map((state) => ({ name: `${side} ${topic}-${state.partition}`, ...state })),
  )
  return {
    partitions: all.length,
    leaderless: all.filter(({ leader }) => leader < 0).map(({ name }) => name),
    behind: all
      .filter(({ leader, isr, replicas }) => leader >= 0 && isr.length < replicas.length)
      .map(({ name }) => name),
  }
}
