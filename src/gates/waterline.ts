import { z } from 'zod'
import type { Waterline } from '../proof/facts.js'
import { countPartitions, toJson } from '../proof/offsets.js'
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
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})

export const waterline = gate<
  OnKafka<Ends & Starts & Scans> & OnConnect<Connectors & ConnectorOffsets & ConnectorSettings>,
  z.infer<typeof args>
>({
  name: 'waterline',
  proves:
    'the mirror is at rest, so what lies on the target came by it: below these log ends all is mirrored, above them all is born there',
  args,
  gives: ['waterline'],
  measure: ({ kafka, connect }, _, look) =>
    unlessUnreadable(async () => {
      const { mirror, topics } = look.migration
      const worker = connect(mirror.url)
      const { state, atRest } = await mirrorState(worker, look.migration)
      if (!atRest)
        return {
          verdict: 'failed',
          reason: 'mirror-runs',
          text: `${mirror.source} is ${state}: there is no waterline while the mirror may still write`,
        }
      const ends = await kafka.target.endOffsets(topics)
      const positions = await mirrorPositions(worker, look.migration)
      const behind = await countAbove(kafka.source, positions, topics, await mirrorIsolation(worker, look.migration))
      const leftBehind = perTopic(behind)
      const fact: Waterline = { at: look.now, offsets: toJson(ends), leftBehind }
      return {
        verdict: 'passed',
        text: `The waterline stands on ${count(countPartitions(ends), 'partition')} of ${count(topics.length, 'topic')}. ${sayLeftBehind(leftBehind)}`,
        evidence: { waterline: fact.offsets, positions: toJson(positions), leftBehind },
        facts: { waterline: fact },
      }
    }),
})

export function sayLeftBehind(topics: Readonly<Record<string, number>>): string {
  const named = Object.entries(topics).sort(([, a], [, b]) => b - a)
  const sum = named.reduce((all, [, records]) => all + records, 0)
  if (sum === 0) return 'Nothing stays behind on the source'
  return `${count(sum, 'record')} so far stay behind on the source and are processed there (${few(named.map(([topic, records]) => `${topic} ${records.toLocaleString('en')}`))})`
}
