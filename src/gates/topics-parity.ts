import { z } from 'zod'
import { compareBrokers, compareTopic, type Difference } from '../proof/parity.js'
import { gate } from './gate.js'
import type { BrokerEntries, OnKafka } from './reading/clients.js'
import { differencesJson } from './reading/differences.js'
import { count, few } from './reading/say.js'
import { type ShapeClient, shapes } from './reading/topics.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({
  /** Whether brokers' defaults must be equal too, or may be of any value since every mirrored topic says its own. */
  defaults: z.enum(['same', 'any']).default('same'),
  /** Whether the target may keep or take more than the source; it is never shrunk. */
  larger: z.enum(['differs', 'allowed']).default('differs'),
})

export const topicsParity = gate<OnKafka<ShapeClient & BrokerEntries>, z.infer<typeof args>>({
  name: 'topics-parity',
  proves:
    'every mirrored topic is on both sides with as many partitions and the same cleanup, retention, message size and timestamp type, and brokers hand down the same defaults',
  args,
  measure: (deps, { defaults, larger }, look) =>
    unlessUnreadable(async () => {
      const { topics } = look.migration
      const [source, target, sourceBrokers, targetBrokers] = await Promise.all([
        shapes(deps, 'source', topics),
        shapes(deps, 'target', topics),
        deps.kafka.source.brokerEntries(),
        deps.kafka.target.brokerEntries(),
      ])
      const gone = topics.filter((topic) => !source.has(topic))
      if (gone.length > 0)
        return {
          verdict: 'failed',
          reason: 'not-on-source',
          evidence: { gone },
          text: `${count(gone.length, 'topic')} of migration.yaml ${gone.length === 1 ? 'is' : 'are'} not on the source, or the bot may not see them: ${few(gone)}`,
        }
      const found: readonly Difference[] = [
        ...topics.flatMap((topic) => compareTopic(topic, source.get(topic)!, target.get(topic))),
        ...(defaults === 'same' ? compareBrokers(sourceBrokers.values(), targetBrokers.values()) : []),
      ]
      const isWaived = (one: Difference) => larger === 'allowed' && one.larger === true
      const waived = found.filter(isWaived)
      const left = found.filter((one) => !isWaived(one))
      const evidence = differencesJson(left)
      const kept = waived.length > 0 ? `; on ${count(waived.length, 'setting')} the target keeps more, as declared` : ''
      if (left.length === 0)
        return {
          verdict: 'passed',
          evidence,
          text: `${count(topics.length, 'topic')} are alike on both sides: partitions, cleanup, retention, message size, timestamp type${kept}`,
        }
      const more = left.filter((one) => one.larger).length
      const byHand = left.filter((one) => one.stays && !one.larger).length
      const which = [
        ...(byHand > 0 ? [`${byHand} to be mended by hand`] : []),
        ...(more > 0 ? [`${more} by which the target keeps or takes more, and may stay`] : []),
      ]
      return {
        verdict: 'failed',
        reason: 'differs',
        evidence,
        text: `${count(left.length, 'difference')} between source and target${which.length > 0 ? ` (${which.join(', ')})` : ''}: ${few(left.map(({ what, source: from, target: to }) => `${what} ${from} / ${to}`))}${kept}`,
      }
    }),
})
