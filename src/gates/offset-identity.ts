import { z } from 'zod'
import { readFact, waterlineFact } from '../proof/facts.js'
import { eachPartition, fromJson, offsetOf, ofTopics, partitionName } from '../proof/offsets.js'
import { gate } from './gate.js'
import type { Ends, OnKafka } from './reading/clients.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})

export const offsetIdentity = gate<OnKafka<Ends>, z.infer<typeof args>>({
  name: 'offset-identity',
  proves:
    'no app that takes offsets for identities meets on the target an offset that it has met on the source: the waterline is not below the source anywhere it reads',
  args,
  needs: ['waterline'],
  measure: ({ kafka }, _, look) =>
    unlessUnreadable(async () => {
      const apps = look.migration.apps.filter(({ keysByOffset }) => keysByOffset)
      if (apps.length === 0) return { verdict: 'passed', text: 'No app takes offsets for identities' }
      const fact = readFact(waterlineFact, await look.fact('waterline'))
      if (!fact) return { verdict: 'failed', reason: 'no-waterline', text: 'No waterline is recorded' }
      const waterline = fromJson(fact.offsets)
      const ends = await kafka.source.endOffsets([...new Set(apps.flatMap((app) => app.consumes))])
      const again = apps.flatMap(({ name, consumes }) => {
        const partitions = [...eachPartition(ofTopics(ends, consumes))].filter(
          (one) => (offsetOf(waterline, one) ?? 0n) < one.offset,
        )
        return partitions.length > 0 ? [{ name, partitions }] : []
      })
      if (again.length > 0)
        return {
          verdict: 'failed',
          reason: 'again',
          evidence: again.map(({ name, partitions }) => ({
            app: name,
            partitions: partitions
              .slice(0, 10)
              .map((one) => `${partitionName(one)} from ${offsetOf(waterline, one) ?? 0n}, seen up to ${one.offset}`),
          })),
          text: `What is written by offset would be overwritten or ignored: ${few(
            again.map(
              ({ name, partitions }) =>
                `${name} meets offsets again on ${count(partitions.length, 'partition')} (${partitionName(partitions[0]!)} from ${offsetOf(waterline, partitions[0]!) ?? 0n}, seen up to ${partitions[0]!.offset})`,
            ),
          )}. Its owner decides (another index, a prefix, an emptied dedupe table) and says so: /migrate word APP REASON`,
        }
      return {
        verdict: 'passed',
        text: `${count(apps.length, 'app')} that takes offsets for identities goes on above every offset that it has met`,
      }
    }),
})
