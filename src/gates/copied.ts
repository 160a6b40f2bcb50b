import { z } from 'zod'
import { gate } from './gate.js'
import type { Ends, OnKafka, Scans } from './reading/clients.js'
import { copiedSoFar, debtRanges, drainedEnds, sayStranger } from './reading/copies.js'
import { countRecords } from './reading/count.js'
import { count } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ topic: z.string(), partition: z.int(), to: z.string().regex(/^\d+$/) })

export const copied = gate<OnKafka<Ends & Scans>, z.infer<typeof args>>({
  name: 'copied',
  proves: 'what comes before it in the same partition has been copied back, so that the order stays',
  args,
  measure: ({ kafka }, { topic, partition, to }, look) =>
    unlessUnreadable(async () => {
      const name = `${topic}-${partition}`
      const debt = (await debtRanges(kafka.target, [topic], look)).filter((range) => range.partition === partition)
      const drained = await drainedEnds(look)
      const [sofar] = drained ? await copiedSoFar(kafka.source, debt, drained) : []
      if (!sofar) return { verdict: 'failed', reason: 'unknown', text: `Nothing is known to be copied of ${name}` }
      if (sofar.stranger !== undefined)
        return {
          verdict: 'failed',
          reason: 'stranger',
          text: `${sayStranger(sofar)}: somebody else writes on the source`,
        }
      const left = BigInt(to) > sofar.next ? [{ topic, partition, from: sofar.next, to: BigInt(to) }] : []
      const [counted] = await countRecords(kafka.target, left, 'read_committed')
      const records = counted?.records ?? 0
      return records === 0
        ? { verdict: 'passed', text: `${name} is copied up to ${to}` }
        : { verdict: 'failed', reason: 'behind', text: `${count(records, 'record')} of ${name} below ${to} come first` }
    }),
})
