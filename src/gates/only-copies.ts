import { z } from 'zod'
import { fromJson } from '../proof/offsets.js'
import { gate } from './gate.js'
import { certificateOf, grownEnds } from './reading/certificate.js'
import type { Ends, OnKafka, Scans } from './reading/clients.js'
import { copiedSoFar, debtRanges, sayStranger } from './reading/copies.js'
import { at, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})

export const onlyCopies = gate<OnKafka<Ends & Scans>, z.infer<typeof args>>({
  name: 'only-copies',
  proves:
    'since the source was drained nobody wrote there: its log ends are those of the drain, or the last record above is a copy from the target',
  args,
  measure: ({ kafka }, _, look) =>
    unlessUnreadable(async () => {
      const certified = await certificateOf('source', look)
      if (!certified)
        return {
          verdict: 'failed',
          reason: 'no-certificate',
          text: 'The source was never certified as drained, so nothing can be copied behind it. Finish by hand from the newest break-glass pack',
        }
      const debt = await debtRanges(kafka.target, look.migration.topics, look)
      const sofar = await copiedSoFar(kafka.source, debt, fromJson(certified.ends))
      const hasCopies = new Set(
        sofar.filter(({ next, range }) => next > range.from).map(({ range }) => `${range.topic}/${range.partition}`),
      )
      const ends = await kafka.source.endOffsets(look.migration.topics)
      // Partitions that owe nothing have no copies: there the log end itself must stand still.
      const others = new Map(
        [...ends].map(([topic, of]) => [topic, new Map([...of].filter(([one]) => !hasCopies.has(`${topic}/${one}`)))]),
      )
      const grown = await grownEnds(kafka.source, { ...certified, ends: within(certified.ends, hasCopies) }, others)
      const strangers = [...sofar.filter(({ stranger }) => stranger !== undefined).map(sayStranger), ...grown]
      if (strangers.length > 0)
        return {
          verdict: 'failed',
          reason: 'stranger',
          evidence: { strangers: strangers.slice(0, 10) },
          text: `Somebody has written on the source since it was drained at ${at(certified.at)}: ${few(strangers)}. Find who, and see to what it wrote before anything is copied behind it`,
        }
      return {
        verdict: 'passed',
        evidence: { partitions: debt.length, begun: hasCopies.size },
        text:
          hasCopies.size === 0
            ? `Nobody has written on the source since it was drained at ${at(certified.at)}`
            : `On the source nothing lies above the drain of ${at(certified.at)} but copies, on ${hasCopies.size} of ${debt.length} partitions so far`,
      }
    }),
})

function within(ends: Record<string, (string | null)[]>, without: ReadonlySet<string>): typeof ends {
  return Object.fromEntries(
    Object.entries(ends).map(([topic, list]) => [
      topic,
      list.map((offset, partition) => (without.has(`${topic}/${partition}`) ? null : offset)),
    ]),
  )
}
