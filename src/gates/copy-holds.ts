import { z } from 'zod'
import { copyFact, readFact } from '../proof/facts.js'
import { changes, fromJson, partitionName } from '../proof/offsets.js'
import { gate } from './gate.js'
import type { Ends, OnKafka } from './reading/clients.js'
import { standingWaterline } from './reading/copies.js'
import { at, count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})

export const copyHolds = gate<OnKafka<Ends>, z.infer<typeof args>>({
  name: 'copy-holds',
  proves: 'nothing was written on the target since it was copied back, so that the source has all of it',
  args,
  needs: ['copy'],
  measure: ({ kafka }, _, look) =>
    unlessUnreadable(async () => {
      const copy = readFact(copyFact, await look.fact('copy'))
      const waterline = await standingWaterline(look)
      if (!copy || !waterline || copy.at < waterline.at)
        return {
          verdict: 'failed',
          reason: 'no-copy',
          text: 'Nothing was copied back since the waterline was recorded. Pass copied-back first',
        }
      const grown = changes(fromJson(copy.ends.target), await kafka.target.endOffsets(look.migration.topics))
      if (grown.length > 0)
        return {
          verdict: 'failed',
          reason: 'written',
          evidence: { grown: grown.slice(0, 10).map(partitionName) },
          text: `The target was written since it was copied at ${at(copy.at)}: ${few(grown.map((one) => `${partitionName(one)} ${one.from} to ${one.to}`))}. Find who writes there, and copy again`,
        }
      return {
        verdict: 'passed',
        text: `The ${count(copy.records, 'record')} copied back at ${at(copy.at)} are all that was born on the target`,
      }
    }),
})
