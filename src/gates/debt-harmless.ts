import { z } from 'zod'
import { gate } from './gate.js'
import type { Ends, OnKafka, Scans, TopicConfigs } from './reading/clients.js'
import { debtRanges } from './reading/copies.js'
import { countRecords } from './reading/count.js'
import { perTopic } from './reading/mirror.js'
import { count, few } from './reading/say.js'
import { stateOf } from './reading/state.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})

export const debtHarmless = gate<OnKafka<Ends & Scans & TopicConfigs>, z.infer<typeof args>>({
  name: 'debt-harmless',
  proves:
    'what was born on the target is owed to nobody once it is processed there: none of it lies on a compacted topic or a changelog, or is read without a group',
  args,
  measure: ({ kafka }, _, look) =>
    unlessUnreadable(async () => {
      const { topics, apps } = look.migration
      const { compacted, streams, groupless } = await stateOf(kafka.source, look.migration)
      const readWithoutGroup = apps.filter(({ name }) => groupless.includes(name)).flatMap((app) => app.consumes)
      const kept = new Set([...compacted, ...streams, ...readWithoutGroup])
      const debt = await debtRanges(
        kafka.target,
        topics.filter((topic) => kept.has(topic)),
        look,
      )
      const owed = perTopic(await countRecords(kafka.target, debt, 'read_committed'))
      const named = Object.entries(owed).map(([topic, records]) => `${topic} ${records.toLocaleString('en')}`)
      if (named.length > 0)
        return {
          verdict: 'failed',
          reason: 'state',
          evidence: { owed },
          text: `Processing them on the target does not bring them to the source, which would miss them for ever: ${count(
            Object.values(owed).reduce((sum, one) => sum + one, 0),
            'record',
          )} of state (${few(named)}). Roll back by copying instead: /migrate rollback copy`,
        }
      return { verdict: 'passed', text: 'Nothing that was born on the target is state' }
    }),
})
