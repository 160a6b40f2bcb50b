import { z } from 'zod'
import { orphansFact, readFact } from '../proof/facts.js'
import { partitionName } from '../proof/offsets.js'
import { gate } from './gate.js'
import type { ConnectorOffsets, ConnectorSettings, OnConnect, OnKafka } from './reading/clients.js'
import { countRecords, isReadable } from './reading/count.js'
import { mirrorIsolation, mirrorPositions, rangesAbove } from './reading/mirror.js'
import { count, few } from './reading/say.js'
import { compareMirror, type TailClient } from './reading/tails.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ records: z.int().min(0), seconds: z.number().min(0) })
/** Enough to recognise the mirror's place among the source's records. */
const aligned = 5

export const caughtUp = gate<
  OnKafka<TailClient> & OnConnect<ConnectorOffsets & ConnectorSettings>,
  z.infer<typeof args>
>({
  name: 'caught-up',
  proves: 'how many source data records the mirror has still to bring, and how old the oldest of them is',
  args,
  measure: (deps, { records, seconds }, look) =>
    unlessUnreadable(async () => {
      const { kafka, connect } = deps
      const { mirror } = look.migration
      const worker = connect(mirror.url)
      const [positions, isolation] = await Promise.all([
        mirrorPositions(worker, look.migration),
        mirrorIsolation(worker, look.migration),
      ])
      const orphans = readFact(orphansFact, await look.fact('orphans'))
      const above = await rangesAbove(kafka.source, positions, look.migration.topics)
      const what = { migration: look.migration, wanted: aligned, positions, isolation, orphans }
      const compared = isReadable(above) ? await compareMirror(deps, what) : []
      const places = compared.flatMap(({ comparison, ...one }) => (comparison.equal ? [{ ...one, comparison }] : []))
      const found = new Set(places.map(partitionName))
      // Where the target's end is not recognised, or too much lies above, the mirror's own word counts: it is as old as its last flush, so never too good.
      const strange = compared.length > 0 ? compared.filter((one) => !found.has(partitionName(one))) : above
      const byWord = await countRecords(
        kafka.source,
        above.filter((range) => !found.has(partitionName(range))),
        isolation,
      )
      const behind = [
        ...places.map(({ topic, partition, comparison }) => ({
          topic,
          partition,
          records: comparison.behind.length,
          oldest: comparison.behind[0]?.timestamp,
        })),
        ...byWord.map(({ range: { topic, partition }, records: left, oldest }) => ({
          topic,
          partition,
          records: left,
          oldest,
        })),
      ]
      const total = behind.reduce((sum, one) => sum + one.records, 0)
      const age = behind.reduce(
        (most, { records: left, oldest }) =>
          left > 0 && oldest !== undefined ? Math.max(most, (look.now - oldest) / 1000) : most,
        0,
      )
      const worst = behind
        .filter((one) => one.records > 0)
        .sort((a, b) => b.records - a.records)
        .slice(0, 10)
      const how =
        strange.length > 0
          ? ` (on ${count(strange.length, 'partition')} by the mirror's own offsets, which are as old as its last flush)`
          : ''
      const evidence = { total, oldestSeconds: age, worst, byOffsets: strange.map(partitionName) }
      if (total <= records && age <= seconds)
        return {
          verdict: 'passed',
          evidence,
          text:
            total === 0
              ? `The mirror has brought every data record of the source${how}`
              : `The mirror is ${count(total, 'record')} and ${age.toFixed(1)} s behind live traffic${how}`,
        }
      return {
        verdict: 'failed',
        reason: 'behind',
        evidence,
        text: `The mirror is ${count(total, 'record')} behind (bound ${records}), the oldest ${age.toFixed(1)} s old (bound ${seconds} s)${how}: most in ${few(worst.map((one) => `${partitionName(one)} ${one.records}`))}`,
      }
    }),
})
