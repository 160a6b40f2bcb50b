import { z } from 'zod'
import { gate } from './gate.js'
import type { Ends, OnKafka, Scans } from './reading/clients.js'
import { byReading, nameOrphans } from './reading/orphans.js'
import { count } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})

export const orphansNamed = gate<OnKafka<Ends & Scans>, z.infer<typeof args>>({
  name: 'orphans-named',
  proves:
    'which records exist only on the target, born above the waterline: counted per partition and remembered, so that later comparisons leave them out',
  args,
  gives: ['orphans'],
  measure: ({ kafka }, _, look) =>
    unlessUnreadable(async () => {
      const named = await nameOrphans(kafka.target, look.migration.topics, byReading, look)
      const records = named.ranges.reduce((sum, one) => sum + one.records, 0)
      return {
        verdict: 'passed',
        evidence: { ranges: named.ranges },
        text:
          records === 0
            ? 'No record exists on the target alone'
            : `${count(records, 'record')} on ${count(named.ranges.length, 'range')} exist on the target alone, born above the waterline`,
        facts: { orphans: named },
      }
    }),
})
