import { z } from 'zod'
import { gate } from './gate.js'
import type { OnKafka, TopicConfigs } from './reading/clients.js'
import { sayState, stateOf } from './reading/state.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})

export const leftBehindHarmless = gate<OnKafka<TopicConfigs>, z.infer<typeof args>>({
  name: 'left-behind-harmless',
  proves:
    'no mirrored topic is state: what stays behind on the source is processed there and missed by nobody on the target',
  args,
  measure: ({ kafka }, _, look) =>
    unlessUnreadable(async () => {
      const { topics } = look.migration
      const state = await stateOf(kafka.source, look.migration)
      const why = sayState(state)
      if (why)
        return {
          verdict: 'failed',
          reason: 'state',
          evidence: { ...state },
          text: `What stays behind would be missing from state on the target (${why}). Use the runbook cutover-mirror-last, which leaves nothing behind`,
        }
      return {
        verdict: 'passed',
        text: `None of ${topics.length} topics is state: no compacted topic, no changelog, no reader without a group`,
      }
    }),
})
