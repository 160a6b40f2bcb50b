import type { Migration, Side } from '../config/migration.js'
import type { Gate } from '../gates/gate.js'
import type { Connectors, OnConnect } from '../gates/reading/clients.js'
import type { AlertFacts } from '../run/events.js'
import type { Json } from '../runbook/json.js'
import type { Measured } from '../runbook/language.js'

export interface WatchDeps<Deps> {
  /** `retention-race` of the registry. */
  readonly race: Gate<Deps>
  readonly gateDeps: Deps & OnConnect<Connectors>
  readonly migration: Migration
}

const connectorsEveryMs = 15_000
const raceEveryMs = 60_000
const ahead = '6h'
/** An event of the log stays within a kilobyte; all ranges are in the evidence of the gate. */
const evidenceBytes = 500

/**
 * What is wrong between the clusters, at any time and whoever runs what: failed connectors and tasks with what they say, and
 * whether retention overtakes the mirror: an alert before it does, and one that names the topics afterwards. While nobody can
 * look, what was wrong before still is.
 */
export function createWatch<Deps>({ race, gateDeps, migration }: WatchDeps<Deps>) {
  const { mirror } = migration
  let evidence: Json | undefined

  const failures = remembering(connectorsEveryMs, async () => {
    const found = await Promise.all(
      connectorsOf(migration).map(async (one) =>
        failureAlert(one, await gateDeps.connect(one.url).status(one.connector)),
      ),
    )
    return found.flat()
  })

  const lost = remembering(raceEveryMs, async (now) => {
    const status = await gateDeps.connect(mirror.url).status(mirror.source)
    // A mirror that is absent or was stopped on purpose is not in the race; what stays behind then is the cut-over's to say.
    if (!status || status.state === 'STOPPED' || status.state === 'PAUSED') return []
    const context = { now, since: now, last: evidence, migration, fact: async () => undefined, alerts: [], answers: [] }
    const found = await race.measure(gateDeps, race.args.parse({ ahead }), context)
    // A look that could not measure ends no alert, and gives the next one nothing to go on from.
    if (found.verdict !== 'passed' && found.verdict !== 'failed') throw new Error(found.text)
    evidence = found.evidence
    return raceAlert(found)
  })

  return async (activeSide: Side, now: number): Promise<readonly AlertFacts[]> => [
    ...(await failures(now)),
    ...(activeSide === 'source' ? await lost(now) : []),
  ]
}

/** Looks again when the last look is old enough; until then, and where it cannot, what was seen stands. */
function remembering(everyMs: number, look: (now: number) => Promise<readonly AlertFacts[]>) {
  let at = Number.NEGATIVE_INFINITY
  let seen: readonly AlertFacts[] = []
  return async (now: number): Promise<readonly AlertFacts[]> => {
    if (now - at < everyMs) return seen
    at = now
    seen = await look(now).catch(() => seen)
    return seen
  }
}

interface Watched {
  readonly what: 'mirror' | 'valve'
  readonly side: Side
  readonly url: string
  readonly connector: string
}

function connectorsOf({ mirror, valve }: Migration): readonly Watched[] {
  const named = [mirror.source, ...(mirror.checkpoint ? [mirror.checkpoint] : [])]
  return [
    ...named.map((connector) => ({ what: 'mirror' as const, side: 'target' as const, url: mirror.url, connector })),
    ...(valve.kind === 'connect'
      ? (['source', 'target'] as const).map((side) => ({ what: 'valve' as const, side, ...valve[side] }))
      : []),
  ]
}

/** A resource may say Ready while its connector has failed, so the connector is asked. */
function failureAlert(
  { what, side, connector }: Watched,
  status: Awaited<ReturnType<Connectors['status']>>,
): readonly AlertFacts[] {
  const failed = status?.tasks.filter((task) => task.state === 'FAILED') ?? []
  if (status?.state !== 'FAILED' && failed.length === 0) return []
  const tasks = failed.length > 0 ? `${failed.length} of ${status?.tasks.length} tasks` : 'the connector itself'
  const why = failed.find(({ trace }) => trace)?.trace
  return [
    {
      cause: `${what}/failed/${connector}`,
      // No run is held by it: the gates of a run that needs the connector say so themselves.
      severity: 'warning',
      side,
      title: `${connector} has failed`,
      text: `The ${what}'s ${connector} has failed (${tasks})${why ? `: ${lastCause(why)}` : ''}. Mend the cause, then restart what failed.`,
    },
  ]
}

/** What a producer says of the records that were sent beside the refused one (KIP-467): it names neither record nor reason. */
const refusedBatch = /because it was part of a batch which had/

/** Kafka Connect wraps what happened in what it did about it; the innermost that the cut trace holds says most. */
function lastCause(trace: string): string {
  const causes = trace.split('\n').filter((line) => line.startsWith('Caused by: '))
  const cause = (causes.at(-1)?.slice('Caused by: '.length) ?? trace.split('\n')[0] ?? '').slice(0, 200)
  return refusedBatch.test(cause)
    ? `${cause.replace(/\.$/, '')}: the target refused a record of that batch, mostly for its timestamp or its size, which \`target-accepts\` of /migrate ready names`
    : cause
}

/** The text holds names alone: figures that move would be an event with every look. */
function raceAlert({ verdict, reason, evidence }: Measured): readonly AlertFacts[] {
  if (verdict !== 'failed' || (reason !== 'lost' && reason !== 'race')) return []
  const seen = evidence as {
    [kind in 'lost' | 'racing']: { topic: string; from: string; to: string }[]
  } & { unread?: number }
  const ranges = seen[reason === 'lost' ? 'lost' : 'racing']
  const topics = [...new Set(ranges.map(({ topic }) => topic))]
  const named = `${topics.slice(0, 5).join(', ')}${topics.length > 5 ? ` and ${topics.length - 5} more` : ''}`
  const lost = reason === 'lost'
  return [
    {
      cause: `mirror/retention-${reason}`,
      severity: 'critical',
      side: 'source',
      title: lost ? 'Retention took what was not mirrored' : 'Retention is about to overtake the mirror',
      text: lost
        ? `Records of ${named} were deleted on the source before the mirror had brought them: they are on no target. Raise the retention of the source, then see the ranges in the evidence of retention-race.`
        : `Within ${ahead} retention deletes records of ${named} on the source that the mirror has not brought${seen.unread ? ', and perhaps of others that were not read' : ''}. Raise the retention of the source, or speed the mirror up.`,
      evidence: firstThatFit(ranges),
    },
  ]
}

function firstThatFit(ranges: readonly Json[]): readonly Json[] {
  const bytes = (upTo: number) => JSON.stringify(ranges.slice(0, upTo)).length
  return ranges.filter((_, i) => bytes(i + 1) <= evidenceBytes)
}
