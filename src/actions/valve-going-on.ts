import { setTimeout as pause } from 'node:timers/promises'
import type { Side } from '../config/migration.js'
import type { ConnectorOffset } from '../connect/kafka-connect/kafka-connect.js'
import { isAtRest } from '../gates/reading/connector.js'
import type { ConnectValve } from '../gates/reading/valve.js'
import type { ValveOffsets } from '../proof/facts.js'
import { toJson } from '../proof/offsets.js'
import { behindCarried, inexact } from '../proof/valve.js'
import type { PerformContext, Performed } from './action.js'
import { drive } from './connectors.js'
import { Refusal } from './refusal.js'
import { asFact, standsAt, type ValveDeps } from './valve.js'

/** Starts the valve on a side from where it stands on the side that ran last: offsets carried over, read back, and then only started. */
export async function goOn(
  deps: ValveDeps,
  valve: ConnectValve,
  { side, from, recorded }: { side: Side; from: Side; recorded: ValveOffsets | undefined },
  context: PerformContext,
): Promise<Performed> {
  const { connector, url } = valve[side]
  const worker = deps.connect(url)
  // Closed by hand, or later than the closing could wait: where it stands is final only now.
  await deps.connect(valve[from].url).letGo(valve[from].connector)
  const carried = await standsAt(deps, valve, from, context.now)
  const status = await worker.status(connector)
  const ends = toJson(await deps.kafka[side].endOffsets(valve.topics))
  const opened = (how: string, by = '') => ({
    text:
      from === side
        ? `${how}; it goes on from where it stood there`
        : `${how}; it goes on from ${carried.offsets.length} offsets carried over from the ${from}${by}`,
    facts: { 'valve-offsets': asFact({ ...carried, closed: recorded?.closed, opened: { side, ends } }) },
  })
  // Much is looked at and written before it: by now the valve may be somebody else's to move, to the other side too.
  const start = async () => {
    await context.stillMine()
    return drive(worker, connector, 'RUNNING')
  }
  const behind = behindCarried(carried.offsets, await worker.offsets(connector))
  // Set again after it has gone on, it would deliver again what it has delivered since.
  if (!isAtRest(status)) {
    if (behind[0])
      throw new Refusal(
        'not-held',
        `${connector} on the ${side} is ${status?.state} but does not stand where it should: ${behind[0]}. Close it, then go on`,
      )
    return opened(await start())
  }
  if (from === side) return opened(await start())
  // A worker that takes offsets by REST refuses none at all, and the topic would be left as it is.
  if (carried.offsets.length === 0)
    throw new Refusal(
      'fact-missing',
      `${valve[from].connector} on the ${from} has no offsets, as if it had delivered nothing: started on the ${side} it would read everything anew. Where it has delivered, compare valve.${from}.offsets in migration.yaml; else start the connector by hand, and try again`,
    )
  const large = inexact(carried.offsets)
  if (large)
    throw new Refusal(
      'inexact',
      `The offset of ${connector} for ${large} holds a number above ${Number.MAX_SAFE_INTEGER}, which would not be carried to the digit. Set it on the ${side} by hand, start the connector there, and try again`,
    )
  const topic = await worker.setOffsets(connector, carried.offsets, context.stillMine)
  const lost = await notYetHeld(() => worker.offsets(connector), carried.offsets)
  if (lost) throw new Refusal('not-held', `The offsets given to ${connector} on the ${side} did not hold: ${lost}`)
  const by = topic ? `, written to ${topic} there and read back` : ', given to Kafka Connect there and read back'
  return opened(await start(), by)
}

/** A worker lists a partition that is new to it only after its own reader of the offsets topic has come by. */
async function notYetHeld(
  read: () => Promise<readonly ConnectorOffset[]>,
  carried: ValveOffsets['offsets'],
): Promise<string | undefined> {
  for (let left = readBackAttempts; ; left--) {
    const [behind] = behindCarried(carried, await read())
    if (!behind || left === 0) return behind
    await pause(readBackEveryMs)
  }
}

const readBackAttempts = 8
const readBackEveryMs = 150
