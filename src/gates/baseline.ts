import { z } from 'zod'
import { durationMs, sayDuration } from '../config/duration.js'
import { type Side, sides } from '../config/migration.js'
import { groupsOf } from '../proof/consumption.js'
import type { Baseline } from '../proof/facts.js'
import { fromJson, type OffsetsJson, toJson } from '../proof/offsets.js'
import { ratePerTopic, sayRate, total } from '../proof/rates.js'
import { slide } from '../proof/window.js'
import { gate, type Look } from './gate.js'
import type { Commits, Connectors, Ends, Groups, OnConnect, OnKafka } from './reading/clients.js'
import { mirrorState } from './reading/mirror.js'
import { ratesEvidence } from './reading/rates.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ over: durationMs, least: durationMs.default(10_000) })
const lastSchema = ratesEvidence.extend({ side: z.enum(sides) })

type Deps = OnKafka<Ends & Commits & Groups> & OnConnect<Connectors>

export const baseline = gate<Deps, z.infer<typeof args>>({
  name: 'baseline',
  proves:
    'how many records per second flow into each topic and out by each group on the active side, to compare with afterwards',
  args,
  gives: ['baseline'],
  measure: (deps, { over, least }, look) =>
    unlessUnreadable(async () => {
      const last = lastSchema.safeParse(look.last).data
      const side = last?.side ?? (await activeSide(deps, look))
      const groups = groupsOf(look.migration.apps)
      const [ends, commits] = await Promise.all([
        deps.kafka[side].endOffsets(look.migration.topics),
        deps.kafka[side].committed(groups.map(({ group }) => group)),
      ])
      const seen: Record<string, OffsetsJson> = { [topicsKey]: toJson(ends) }
      for (const [group, of] of commits) seen[group] = toJson(of)
      const window = slide(last?.window, { at: look.now, seen }, over)
      const overMs = look.now - window.base.at
      const evidence = { side, window }
      if (overMs < least)
        return {
          verdict: 'failed',
          reason: 'too-short',
          evidence,
          text: `Rates of the ${side} are being measured: that takes at least ${sayDuration(least)}, ${overMs === 0 ? 'and has just begun' : `of which ${sayDuration(overMs)} are over`}`,
        }
      const before = (name: string) => fromJson(window.base.seen[name] ?? {})
      const fact: Baseline = {
        side,
        at: look.now,
        overMs,
        rateIn: ratePerTopic(before(topicsKey), ends, overMs),
        rateOut: Object.fromEntries(
          [...commits].map(([group, of]) => [group, total(ratePerTopic(before(group), of, overMs))]),
        ),
      }
      return {
        verdict: 'passed',
        evidence: { ...evidence, rateIn: fact.rateIn, rateOut: fact.rateOut },
        text: `On the ${side} ${sayRate(total(fact.rateIn))} come in and ${sayRate(total(fact.rateOut))} are read, measured over ${sayDuration(overMs)}`,
        facts: { baseline: fact },
      }
    }),
})

/** No group can have this name: it is where the topics' own log ends stand. */
const topicsKey = ''

/** Where the apps run: on the source while the mirror runs, else where more groups have members. */
async function activeSide({ kafka, connect }: Deps, { migration }: Look): Promise<Side> {
  if (!(await mirrorState(connect(migration.mirror.url), migration)).atRest) return 'source'
  const names = groupsOf(migration.apps).map(({ group }) => group)
  const live = async (side: Side) => (await kafka[side].describe(names)).filter(({ life }) => life === 'live').length
  const [source, target] = await Promise.all([live('source'), live('target')])
  return target > source ? 'target' : 'source'
}
