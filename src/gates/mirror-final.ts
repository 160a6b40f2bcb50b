import { z } from 'zod'
import type { Offsets } from '../connect/kafka/types.js'
import { type MirrorPositions, orphansFact, readFact } from '../proof/facts.js'
import { offsetOf, partitionName, toJson } from '../proof/offsets.js'
import { digest } from '../runbook/json.js'
import { gate, type Look } from './gate.js'
import type { ConnectorOffsets, ConnectorSettings, Connectors, OnConnect, OnKafka } from './reading/clients.js'
import { mirrorIsolation, mirrorPositions, mirrorState } from './reading/mirror.js'
import { count, few } from './reading/say.js'
import { compareMirror, type TailClient } from './reading/tails.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({})
const lastSchema = z.object({ mark: z.string(), since: z.number().optional() })

/** Kafka Connect's defaults of offset.flush.interval.ms and offset.flush.timeout.ms: in that time a paused task is asked for its last commit. */
const flushMs = 65_000
/** Enough to recognise the mirror's place among the source's records. */
const aligned = 100

export const mirrorFinal = gate<
  OnKafka<TailClient> & OnConnect<Connectors & ConnectorOffsets & ConnectorSettings>,
  z.infer<typeof args>
>({
  name: 'mirror-final',
  proves:
    'the mirror is stopped without a task, and neither its positions nor the log ends of the target move any more',
  args,
  gives: ['mirror-positions'],
  measure: (deps, _, look) =>
    unlessUnreadable(async () => {
      const { kafka, connect } = deps
      const { mirror, topics } = look.migration
      const worker = connect(mirror.url)
      const status = await worker.status(mirror.source)
      const { state, atRest } = await mirrorState(worker, look.migration)
      const running = status?.tasks.filter((task) => task.state === 'RUNNING').length ?? 0
      if (!atRest)
        return {
          verdict: 'failed',
          reason: 'mirror-runs',
          text: `${mirror.source} is ${state} with ${count(running, 'running task')}`,
        }
      const [positions, ends] = await Promise.all([
        mirrorPositions(worker, look.migration),
        kafka.target.endOffsets(topics),
      ])
      const mark = digest([toJson(positions), toJson(ends)])
      const last = lastSchema.safeParse(look.last).data
      const since = last?.mark === mark ? (last.since ?? look.now) : look.now
      if (last?.mark !== mark)
        return {
          verdict: 'failed',
          reason: last ? 'moving' : 'first-look',
          evidence: { mark, since },
          text: `${mirror.source} is ${state}; its positions are looked at once more to see that they are final`,
        }
      const unfinished = state === 'PAUSED' ? await unfinishedOf(deps, look, positions, look.now - since) : null
      if (unfinished) return { verdict: 'failed', ...unfinished, evidence: { mark, since } }
      const fact: MirrorPositions = { at: look.now, positions: toJson(positions) }
      return {
        verdict: 'passed',
        evidence: { mark, since, positions: fact.positions },
        text: `${mirror.source} is ${state} and has no running task; its positions and the log ends of the target are final`,
        facts: { 'mirror-positions': fact },
      }
    }),
})

/**
 * A stopped task commits before it ends. A paused one lives, is asked for a commit once in a flush interval, and what it has sent may still be
 * under way. So its positions are final when they reach what the target's log shows, and when no more can come: because the source holds
 * no more, or because nothing has moved for so long that a commit has waited for all of it.
 */
async function unfinishedOf(
  deps: OnKafka<TailClient> & OnConnect<ConnectorSettings>,
  { migration, fact }: Look,
  positions: Offsets,
  unmovedMs: number,
): Promise<{ reason: string; text: string } | null> {
  const { mirror } = migration
  const isolation = await mirrorIsolation(deps.connect(mirror.url), migration)
  const orphans = readFact(orphansFact, await fact('orphans'))
  const compared = await compareMirror(deps, { migration, wanted: aligned, positions, isolation, orphans })
  const uncommitted = compared.filter(
    ({ comparison, ...one }) =>
      comparison.equal && comparison.compared > 0 && comparison.position > (offsetOf(positions, one) ?? 0n),
  )
  if (uncommitted.length > 0)
    return {
      reason: 'uncommitted',
      text: `${mirror.source} is PAUSED and has not committed yet what the target holds already on ${few(uncommitted.map(partitionName))}: its workers do so every offset.flush.interval.ms (60 s by default)`,
    }
  const mayCome = compared.some(({ comparison }) => !comparison.equal || comparison.behind.length > 0)
  if (!mayCome || unmovedMs >= flushMs) return null
  return {
    reason: 'under-way',
    text: `${mirror.source} is PAUSED, and what it has sent may still arrive: nothing has moved for ${Math.floor(unmovedMs / 1000)} of ${flushMs / 1000} s`,
  }
}
