import { z } from 'zod'
import { gate } from './gate.js'
import type {
  ConnectorOffsets,
  ConnectorSettings,
  Connectors,
  Ends,
  OnConnect,
  OnKafka,
  Scans,
  Starts,
} from './reading/clients.js'
import { countAbove, mirrorIsolation, mirrorPositions, mirrorState, perTopic } from './reading/mirror.js'
import { unlessUnreadable } from './reading/unreadable.js'
import { sayLeftBehind } from './waterline.js'

const args = z.strictObject({})

export const nothingLeftBehind = gate<
  OnKafka<Ends & Starts & Scans> & OnConnect<Connectors & ConnectorOffsets & ConnectorSettings>,
  z.infer<typeof args>
>({
  name: 'nothing-left-behind',
  proves: 'no data record of the source lies above the final position of the stopped mirror',
  args,
  measure: ({ kafka, connect }, _, look) =>
    unlessUnreadable(async () => {
      const { mirror, topics } = look.migration
      const worker = connect(mirror.url)
      const { state, atRest } = await mirrorState(worker, look.migration)
      if (!atRest)
        return {
          verdict: 'failed',
          reason: 'mirror-runs',
          text: `${mirror.source} is ${state}: what stays behind is known once it is at rest`,
        }
      const [positions, isolation] = await Promise.all([
        mirrorPositions(worker, look.migration),
        mirrorIsolation(worker, look.migration),
      ])
      const leftBehind = perTopic(await countAbove(kafka.source, positions, topics, isolation))
      const some = Object.keys(leftBehind).length > 0
      return {
        verdict: some ? 'failed' : 'passed',
        ...(some ? { reason: 'left-behind' } : {}),
        evidence: { leftBehind },
        text: some
          ? `${sayLeftBehind(leftBehind)}. Start the mirror again and let it catch up`
          : sayLeftBehind(leftBehind),
      }
    }),
})
