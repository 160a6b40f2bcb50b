import { z } from 'zod'
import { type Side, sides } from '../config/migration.js'
import { fromJson, offsetsJson, toJson } from '../proof/offsets.js'
import { between } from '../proof/ranges.js'
import { gate } from './gate.js'
import type { Connectors, Ends, OnConnect, OnKafka, Scans } from './reading/clients.js'
import { countRecords } from './reading/count.js'
import { mirrorState, perTopic } from './reading/mirror.js'
import { few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})
const lastSchema = z.object({ at: z.number(), atRest: z.boolean(), ends: z.record(z.enum(sides), offsetsJson) })
/** Between looks that are further apart the producers may have moved from one side to the other, which is no breach. */
const togetherMs = 8000

export const oneSideWrites = gate<OnKafka<Ends & Scans> & OnConnect<Connectors>, z.infer<typeof args>>({
  name: 'one-side-writes',
  proves: 'apps write on one side only: what they produce does not grow on both sides while the mirror is at rest',
  args,
  measure: ({ kafka, connect }, _, look) =>
    unlessUnreadable(async () => {
      const { apps, valve, mirror } = look.migration
      // The valve writes on the target long before the apps do, and that is as it should be.
      const byValve = new Set(valve.kind === 'none' ? [] : valve.topics)
      const topics = [...new Set(apps.flatMap((app) => app.produces))].filter((topic) => !byValve.has(topic))
      const { atRest } = await mirrorState(connect(mirror.url), look.migration)
      const [source, target] = await Promise.all([kafka.source.endOffsets(topics), kafka.target.endOffsets(topics)])
      const evidence = { at: look.now, atRest, ends: { source: toJson(source), target: toJson(target) } }
      const last = lastSchema.safeParse(look.last).data
      const comparable = last !== undefined && look.now - last.at <= togetherMs
      if (!atRest)
        return { verdict: 'passed', evidence, text: 'The mirror runs, so what it mirrors grows on both sides' }
      if (!comparable || !last.atRest)
        return {
          verdict: 'passed',
          evidence,
          text: 'The log ends of both sides are noted; the next look compares them',
        }

      const grown = {
        source: between(fromJson(last.ends.source), source),
        target: between(fromJson(last.ends.target), target),
      }
      if (grown.source.length === 0 || grown.target.length === 0)
        return { verdict: 'passed', evidence, text: sayWhere(grown.source.length > 0, grown.target.length > 0) }
      const written = async (side: Side) => perTopic(await countRecords(kafka[side], grown[side], undefined))
      const [onSource, onTarget] = await Promise.all([written('source'), written('target')])
      const [there, here] = [Object.keys(onSource), Object.keys(onTarget)]
      if (there.length === 0 || here.length === 0)
        return { verdict: 'passed', evidence, text: sayWhere(there.length > 0, here.length > 0) }
      return {
        verdict: 'failed',
        reason: 'both',
        evidence: { ...evidence, onSource, onTarget },
        text: `Apps write on both sides at once: ${few(there)} on the source and ${few(here)} on the target. Stop the producers of one side before anything else`,
      }
    }),
})

function sayWhere(source: boolean, target: boolean): string {
  if (source) return 'Apps write on the source only'
  return target ? 'Apps write on the target only' : 'No app writes on either side'
}
