import type { Side } from '../../config/migration.js'
import type { ConnectorOffset } from '../../connect/kafka-connect/kafka-connect.js'
import { between } from '../../proof/ranges.js'
import { inexact } from '../../proof/valve.js'
import { isOlder } from '../../proof/versions.js'
import type { ConnectorOffsets, Ends, OnConnect, OnKafka, Starts } from './clients.js'
import type { ConnectValve } from './valve.js'

export interface CarriesOffsets extends ConnectorOffsets {
  version(): Promise<string>
  connectors(): Promise<readonly string[]>
}

/** From 3.6 on the REST interface takes offsets, of a stopped connector alone; from 3.5 on it gives them. */
const takesSince = '3.6'

/** The worker takes offsets by its REST interface, and is given them there even where their topic is named. */
export const takesOffsets = (version: string): boolean => !isOlder(version, takesSince)

export interface NotCarried {
  readonly reason: 'only-paused' | 'offsets-unset' | 'offsets-missing' | 'offsets-foreign' | 'offsets-inexact'
  readonly text: string
}

/**
 * Why offsets could be carried neither to nor from the valve on a side; undefined: they can. A topic in which its workers do not look would
 * take them without a word, and the valve would read everything anew.
 */
export async function notCarried(
  { kafka, connect }: OnKafka<Ends & Starts> & OnConnect<CarriesOffsets>,
  valve: ConnectValve,
  side: Side,
): Promise<NotCarried | undefined> {
  const { url, connector, resource, offsets: topic } = valve[side]
  const worker = connect(url)
  const version = await worker.version()
  if (takesOffsets(version) && resource?.stop === 'paused')
    return {
      reason: 'only-paused',
      text: `Kafka Connect on the ${side} is ${version}, which takes offsets of a stopped connector alone, and ${connector} is only paused by its KafkaConnector: say stop: stopped in valve.${side}.resource in migration.yaml (Strimzi 0.38 on)`,
    }
  if (!topic) {
    if (takesOffsets(version)) return tooLarge(await worker.offsets(connector), side)
    return {
      reason: 'offsets-unset',
      text: `Kafka Connect on the ${side} is ${version}, whose REST interface takes no offsets (${takesSince} on does): name the topic in which its workers keep them (offset.storage.topic) as valve.${side}.offsets in migration.yaml`,
    }
  }
  const named = `${topic}, which valve.${side}.offsets in migration.yaml names`
  const bounds = await Promise.all([kafka[side].startOffsets([topic]), kafka[side].endOffsets([topic])]).catch(
    (error: unknown) => {
      if ((error as { code?: unknown }).code === 'unknown-topic') return undefined
      throw error
    },
  )
  if (!bounds) return { reason: 'offsets-missing', text: `${named}, is not there on the ${side}, or may not be seen` }
  // Of a worker that has delivered nothing yet it says nothing.
  if (between(...bounds).length === 0) return undefined
  const own = await worker.offsets(connector)
  if (own.length > 0) return tooLarge(own, side)
  for (const one of await worker.connectors()) if ((await worker.offsets(one)).length > 0) return undefined
  return {
    reason: 'offsets-foreign',
    text: `${named}, holds nothing of any connector of the worker on the ${side}, but of others: offsets written there would be read by nobody, and the valve would read everything anew. Compare it with the worker's offset.storage.topic`,
  }
}

function tooLarge(offsets: readonly ConnectorOffset[], side: Side): NotCarried | undefined {
  const found = inexact(offsets)
  return found === undefined
    ? undefined
    : {
        reason: 'offsets-inexact',
        text: `The valve's offset on the ${side} for ${found} holds a number above ${Number.MAX_SAFE_INTEGER}, which would not be carried to the digit: this valve has to be carried by hand`,
      }
}
