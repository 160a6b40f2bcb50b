import { z } from 'zod'
import { orphansFact, readFact } from '../proof/facts.js'
import { offsetOf, partitionName } from '../proof/offsets.js'
import { gate } from './gate.js'
import type { ConnectorOffsets, ConnectorSettings, Connectors, OnConnect, OnKafka, Timed } from './reading/clients.js'
import { mirrorIsolation, mirrorPositions, mirrorState } from './reading/mirror.js'
import { count, few } from './reading/say.js'
import { compareInTurns, namedWrong, sayLeft, type TailClient } from './reading/tails.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ records: z.int().min(1).default(1000) })
const notThere = 'records that it acknowledged are not there'

export const targetSilent = gate<
  OnKafka<TailClient> & Timed & OnConnect<Connectors & ConnectorOffsets & ConnectorSettings>,
  z.infer<typeof args>
>({
  name: 'target-silent',
  proves:
    "nobody but the mirror wrote on the target: the last records of every partition are the source's up to the final position, none between and none above",
  args,
  measure: (deps, { records }, look) =>
    unlessUnreadable(async () => {
      const worker = deps.connect(look.migration.mirror.url)
      const { state, atRest } = await mirrorState(worker, look.migration)
      if (!atRest)
        return {
          verdict: 'failed',
          reason: 'mirror-runs',
          text: `${look.migration.mirror.source} is ${state}: strangers are told from it only once it is at rest`,
        }
      const [positions, isolation] = await Promise.all([
        mirrorPositions(worker, look.migration),
        mirrorIsolation(worker, look.migration),
      ])
      const orphans = readFact(orphansFact, await look.fact('orphans'))
      const what = { migration: look.migration, wanted: records, positions, isolation, orphans }
      const found = await compareInTurns(deps, what, {
        now: look.now,
        last: look.last,
        untilGrown: true,
        wrong: ({ comparison, ...one }) =>
          comparison.equal && comparison.position < (offsetOf(positions, one) ?? 0n) ? notThere : undefined,
      })
      const { wrong, left, partitions, turns, records: compared } = found
      if (wrong.length > 0)
        return {
          verdict: 'failed',
          reason: wrong.some(({ why }) => why !== notThere) ? 'strangers' : 'missing',
          evidence: { wrong: namedWrong(wrong), partitions: wrong.length, turns },
          text: `The target's end is not what the mirror brought on ${few(wrong.map(partitionName))}: ${wrong[0]!.why}. Find who else writes there`,
        }
      if (left > 0) return { verdict: 'inconclusive', reason: 'not-all', evidence: { turns }, text: sayLeft(found) }
      return {
        verdict: 'passed',
        evidence: { compared, partitions, turns },
        text: `The last ${records} records of each of ${count(partitions, 'partition')} on the target are the source's, in order, up to the mirror's final position (${count(compared, 'record')} compared): nobody else wrote among them`,
      }
    }),
})
