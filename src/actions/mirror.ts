import { z } from 'zod'
import type { Ends, OnConnect, Scans } from '../gates/reading/clients.js'
import { isAtRest } from '../gates/reading/connector.js'
import { byOffsets, nameOrphans } from '../gates/reading/orphans.js'
import type { Effect } from '../runbook/language.js'
import type { Performed, PlanContext } from './action.js'
import { type DrivesConnectors, drive, stateEffect, wantedState } from './connectors.js'

export interface MirrorDeps extends OnConnect<DrivesConnectors> {
  readonly kafka: { readonly target: Ends & Scans }
}

const onSchema = z.object({ connector: z.string() })

export function mirrorEffect(action: string, connector: string, to: 'RUNNING' | 'STOPPED'): Effect {
  return stateEffect(action, 'mirror', connector, to, {})
}

/**
 * Also what undo runs, so that starting the mirror again always names the orphans first: afterwards mirrored records lie above
 * the waterline too, and the two cannot be told apart.
 */
export async function performMirror(
  { kafka, connect }: MirrorDeps,
  effect: Effect,
  context: PlanContext,
): Promise<Performed> {
  const { connector } = onSchema.parse(effect.on)
  const { state } = wantedState.parse(effect.after)
  const { mirror, topics } = context.migration
  const worker = connect(mirror.url)
  // Where a resource stops by its replicas, whichever connector is started first starts the source's too.
  const startsSource = state === 'RUNNING' && (connector === mirror.source || mirror.resource?.stop === 'replicas')
  const namesOrphans = startsSource && isAtRest(await worker.status(mirror.source))
  const orphans = namesOrphans ? await nameOrphans(kafka.target, topics, byOffsets, context) : undefined
  const text = await drive(worker, connector, state)
  return orphans ? { text, facts: { orphans: { ...orphans, mirrorStartedAt: context.now } } } : { text }
}
