import { z } from 'zod'
import { orphansFact, readFact } from '../proof/facts.js'
import { offsetOf, partitionName } from '../proof/offsets.js'
import { gate } from './gate.js'
import type { ConnectorOffsets, ConnectorSettings, OnConnect, OnKafka, Timed } from './reading/clients.js'
import { mirrorIsolation, mirrorPositions } from './reading/mirror.js'
import { count, few } from './reading/say.js'
import { compareInTurns, namedWrong, sayLeft, sayOldest, type TailClient } from './reading/tails.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ records: z.int().min(1) })

export const tailsEqual = gate<
  OnKafka<TailClient> & Timed & OnConnect<ConnectorOffsets & ConnectorSettings>,
  z.infer<typeof args>
>({
  name: 'tails-equal',
  proves:
    'the last records of every partition are the same on both sides up to where the mirror stands: key, value, headers and timestamp, in order',
  args,
  measure: (deps, { records }, look) =>
    unlessUnreadable(async () => {
      const worker = deps.connect(look.migration.mirror.url)
      const [positions, isolation] = await Promise.all([
        mirrorPositions(worker, look.migration),
        mirrorIsolation(worker, look.migration),
      ])
      const orphans = readFact(orphansFact, await look.fact('orphans'))
      const what = { migration: look.migration, wanted: records, positions, isolation, orphans }
      const found = await compareInTurns(deps, what, {
        now: look.now,
        last: look.last,
        // The mirror runs, so the ends of the target grow.
        untilGrown: false,
        wrong: ({ comparison, ...one }) => {
          const acknowledged = offsetOf(positions, one)
          return comparison.equal && acknowledged !== undefined && comparison.position < acknowledged
            ? `the target ends at source offset ${comparison.position - 1n}, though the mirror acknowledged ${acknowledged - 1n}`
            : undefined
        },
      })
      const { wrong, left, partitions, turns, least, records: compared } = found
      if (wrong.length > 0)
        return {
          verdict: 'failed',
          reason: 'differs',
          evidence: { wrong: namedWrong(wrong), partitions: wrong.length, turns },
          text: `The tails differ on ${count(wrong.length, 'partition')}: ${few(
            wrong.map(({ why, ...one }) => `${partitionName(one)}: ${why}`),
            2,
          )}`,
        }
      if (left > 0) return { verdict: 'inconclusive', reason: 'not-all', evidence: { turns }, text: sayLeft(found) }
      return {
        verdict: 'passed',
        evidence: { compared, least, turns },
        text: `${count(compared, 'record')} compared on ${count(partitions, 'partition')}, the last ${records} of each: key, value, headers and timestamp are equal, in order${sayOldest(found, look.now)}`,
      }
    }),
})
