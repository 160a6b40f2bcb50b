import { z } from 'zod'
import { orphansFact, readFact } from '../proof/facts.js'
import { offsetOf, partitionName } from '../proof/offsets.js'
import { gate } from './gate.js'
import type { ConnectorOffsets, ConnectorSettings, Connectors, OnConnect, OnKafka } from './reading/clients.js'
import { mirrorIsolation, mirrorPositions, mirrorState } from './reading/mirror.js'
import { count, few } from './reading/say.js'
import { compareMirror, type TailClient } from './reading/tails.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ records: z.int().min(1).default(1000) })

export const targetSilent = gate<
  OnKafka<TailClient> & OnConnect<Connectors & ConnectorOffsets & ConnectorSettings>,
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
      const compared = await compareMirror(deps, look.migration, records, positions, isolation, orphans)
      const strange = compared.filter(({ comparison }) => !comparison.equal)
      const lost = compared.filter(
        (one) => one.comparison.equal && one.comparison.position < (offsetOf(positions, one) ?? 0n),
      )
      const total = compared.reduce((sum, { comparison }) => sum + (comparison.equal ? comparison.compared : 0), 0)
      if (strange.length + lost.length > 0)
        return {
          verdict: 'failed',
          reason: strange.length > 0 ? 'strangers' : 'missing',
          evidence: { strange: strange.slice(0, 10).map(partitionName), missing: lost.slice(0, 10).map(partitionName) },
          text: `The target's end is not what the mirror brought on ${few([...strange, ...lost].map(partitionName))}: ${strange.map(({ comparison }) => (comparison.equal ? '' : comparison.text))[0] ?? 'records that it acknowledged are not there'}. Find who else writes there`,
        }
      return {
        verdict: 'passed',
        evidence: { compared: total, partitions: compared.length },
        text: `The last ${records} records of each of ${count(compared.length, 'partition')} on the target are the source's, in order, up to the mirror's final position (${count(total, 'record')} compared): nobody else wrote among them`,
      }
    }),
})
