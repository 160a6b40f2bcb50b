import { z } from 'zod'
import { orphansFact, readFact } from '../proof/facts.js'
import { offsetOf, partitionName } from '../proof/offsets.js'
import { gate } from './gate.js'
import type { ConnectorOffsets, ConnectorSettings, OnConnect, OnKafka } from './reading/clients.js'
import { mirrorIsolation, mirrorPositions } from './reading/mirror.js'
import { count, few } from './reading/say.js'
import { compareMirror, type TailClient } from './reading/tails.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ records: z.int().min(1) })

export const tailsEqual = gate<
  OnKafka<TailClient> & OnConnect<ConnectorOffsets & ConnectorSettings>,
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
      const compared = await compareMirror(deps, look.migration, records, positions, isolation, orphans)
      const wrong = compared.flatMap((one) => {
        if (!one.comparison.equal) return [{ name: partitionName(one), why: one.comparison.text }]
        const acknowledged = offsetOf(positions, one)
        return acknowledged !== undefined && one.comparison.position < acknowledged
          ? [
              {
                name: partitionName(one),
                why: `the target ends at source offset ${one.comparison.position - 1n}, though the mirror acknowledged ${acknowledged - 1n}`,
              },
            ]
          : []
      })
      const figures = compared.map(({ topic, partition, comparison }) => ({
        topic,
        partition,
        compared: comparison.equal ? comparison.compared : 0,
      }))
      const total = figures.reduce((sum, one) => sum + one.compared, 0)
      const least = [...figures].sort((a, b) => a.compared - b.compared).slice(0, 10)
      if (wrong.length > 0)
        return {
          verdict: 'failed',
          reason: 'differs',
          evidence: { wrong: wrong.slice(0, 10), partitions: wrong.length },
          text: `The tails differ on ${count(wrong.length, 'partition')}: ${few(
            wrong.map(({ name, why }) => `${name}: ${why}`),
            2,
          )}`,
        }
      return {
        verdict: 'passed',
        evidence: { compared: total, least },
        text: `${count(total, 'record')} compared on ${count(compared.length, 'partition')}, the last ${records} of each: key, value, headers and timestamp are equal, in order`,
      }
    }),
})
