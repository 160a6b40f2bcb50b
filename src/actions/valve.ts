import { z } from 'zod'
import { type Migration, type Side, sides } from '../config/migration.js'
import type { ConnectorOffset } from '../connect/kafka-connect/kafka-connect.js'
import type { Ends, OnConnect, OnKafka, Scans } from '../gates/reading/clients.js'
import { type ConnectValve, connectValve } from '../gates/reading/valve.js'
import { readFact, type ValveOffsets, valveOffsetsFact } from '../proof/facts.js'
import { toJson } from '../proof/offsets.js'
import type { Json } from '../runbook/json.js'
import type { PlanContext } from './action.js'
import { type DrivesConnectors, drive } from './connectors.js'
import type { TakesOver } from './copying.js'
import { Refusal } from './refusal.js'

export interface ValveDeps
  extends OnConnect<
      DrivesConnectors & {
        letGo(connector: string): Promise<void>
        offsets(connector: string): Promise<readonly ConnectorOffset[]>
        setOffsets(
          connector: string,
          offsets: readonly ConnectorOffset[],
          stillMine: () => Promise<void>,
        ): Promise<string | undefined>
      }
    >,
    OnKafka<Ends & Scans> {
  readonly kafka: { readonly source: Ends & Scans & TakesOver; readonly target: Ends & Scans }
  /** Milliseconds that only go forward, from any beginning: for what must see how long it has been at work. */
  clock(): number
}

export const valveArgs = z.strictObject({ side: z.enum(sides) })
export const valveOn = z.object({ side: z.enum(sides), connector: z.string() })

export function valveOf(migration: Migration): ConnectValve {
  const valve = connectValve(migration)
  if (!valve) throw new Refusal('connector-unknown', 'This migration has no valve to open or close')
  return valve
}

export async function carriedOffsets({ fact }: PlanContext): Promise<ValveOffsets | undefined> {
  return readFact(valveOffsetsFact, await fact('valve-offsets'))
}

/**
 * Stopped; or paused, where that is all that it knows, with tasks that have let go: until then they hold what the other side is to read
 * from (a replication slot), and commit later what they have sent.
 */
export async function shut({ connect }: ValveDeps, valve: ConnectValve, side: Side): Promise<string> {
  const { url, connector } = valve[side]
  const text = await drive(connect(url), connector, 'STOPPED')
  await connect(url).letGo(connector)
  return text
}

/** Where a valve stands, as the fact that the next opening needs. */
export async function standsAt(
  { connect }: ValveDeps,
  valve: ConnectValve,
  side: Side,
  now: number,
): Promise<ValveOffsets> {
  const { url, connector } = valve[side]
  const offsets = await connect(url).offsets(connector)
  return { at: now, from: side, offsets: offsets.map(({ partition, offset }) => ({ partition, offset })) }
}

/** The same of a valve that has just been closed, with where its topics ended then. */
export async function closedAt(deps: ValveDeps, valve: ConnectValve, side: Side, now: number): Promise<ValveOffsets> {
  const [stood, ends] = await Promise.all([standsAt(deps, valve, side, now), deps.kafka[side].endOffsets(valve.topics)])
  return { ...stood, closed: { side, ends: toJson(ends) } }
}

/** The fact as it is recorded; what a connector keeps in its offsets is JSON by nature. */
export function asFact(offsets: ValveOffsets): Json {
  return JSON.parse(JSON.stringify(offsets)) as Json
}
