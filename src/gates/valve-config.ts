import { z } from 'zod'
import { type Migration, type Side, sides } from '../config/migration.js'
import { between } from '../proof/ranges.js'
import { type History, historyIn, isKnown, valveFaults, valveSettings } from '../proof/valve-config.js'
import { namedParts } from '../proof/valve-settings.js'
import { gate } from './gate.js'
import type { ConnectorSettings, Ends, OnConnect, OnKafka, Scans, Starts } from './reading/clients.js'
import { count } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'
import { connectValve, noValve, otherSide } from './reading/valve.js'
import { type CarriesOffsets, notCarried } from './reading/valve-offsets.js'

const args = z.strictObject({ side: z.enum(sides).describe('on which it is to be opened') })
type Books = Ends & Starts & Scans

export const valveConfig = gate<OnKafka<Books> & OnConnect<ConnectorSettings & CarriesOffsets>, z.infer<typeof args>>({
  name: 'valve-config',
  proves:
    'the valve on this side is set up to go on where the other is closed: the same rows read under the same name and made into the same records, offsets that can be carried there and back, and a schema history that is whole',
  args,
  measure: ({ kafka, connect }, { side }, look) =>
    unlessUnreadable(async () => {
      const valve = connectValve(look.migration)
      if (!valve) return noValve
      const settingsOn = async (on: Side) => {
        const worker = connect(valve[on].url)
        const found = await worker.settings(valve[on].connector, valveSettings)
        const parts = namedParts(found)
        return parts.length > 0 ? { ...found, ...(await worker.settings(valve[on].connector, parts)) } : found
      }
      const [opened, other] = await Promise.all([settingsOn(side), settingsOn(otherSide(side))])
      const { connector } = valve[side]
      for (const [on, settings] of [
        [side, opened],
        [otherSide(side), other],
      ] as const)
        if (Object.keys(settings).length === 0)
          return {
            verdict: 'failed',
            reason: 'absent',
            text: `There is no connector ${valve[on].connector} on the ${on}: make it, stopped (initial_state: STOPPED; before Kafka Connect 3.7 with a configuration by which it reads nothing and holds nothing of the other's, paused, and only then given its own)`,
          }
      const faults = valveFaults(opened, other, valve)
      const evidence = { settings: { [side]: opened, [otherSide(side)]: other } }
      if (faults[0])
        return {
          verdict: 'failed',
          reason: faults[0].reason,
          evidence,
          text: `${connector} on the ${side}: ${faults.map(({ text }) => text).join('; ')}`,
        }
      const stuck = (await Promise.all(sides.map((on) => notCarried({ kafka, connect }, valve, on)))).find(Boolean)
      if (stuck) return { verdict: 'failed', reason: stuck.reason, evidence, text: stuck.text }
      const kind = opened['connector.class'] ?? ''
      if (!isKnown(kind))
        return {
          verdict: 'passed',
          evidence,
          text: `${connector} on the ${side} is a ${kind} as the other is; of its settings nothing else is compared: see by hand that both read the same`,
        }
      const same = `${connector} on the ${side} is set up as the other is (of transforms, predicates and converters the classes are compared, of column masks nothing)`
      const [history, otherHistory] = [historyIn(opened), historyIn(other)]
      if (!history) return { verdict: 'passed', evidence, text: `${same}, and keeps no schema history in Kafka` }

      const entriesIn = (one: History, own: Side) => entriesOf(kafka, one, clusterOf(look.migration, one, own))
      const here = await entriesIn(history, side)
      if ('fault' in here)
        return {
          verdict: 'failed',
          reason: here.fault,
          evidence,
          text: `The schema history of ${connector}, ${history.topic} on the ${here.side} (${history.bootstrap.join()}), ${here.text}. Without it whole the valve does not start: copy it there as it is`,
        }
      const there = otherHistory && (await entriesIn(otherHistory, otherSide(side)))
      const newest = there && 'newest' in there ? there.newest.at(-1) : undefined
      if (newest && !here.newest.some((entry) => entry.equals(newest)))
        return {
          verdict: 'failed',
          reason: 'history-behind',
          evidence,
          text: `The newest entry of ${otherHistory?.topic} on the ${there?.side} is not in ${history.topic} on the ${here.side}: ${connector} would read rows by tables as they were before. Copy it there`,
        }
      return {
        verdict: 'passed',
        evidence,
        text: `${same}, and its schema history ${history.topic} on the ${here.side} is whole (${count(here.entries, 'entry', 'entries')})`,
      }
    }),
})

/** A cluster is known by the addresses of migration.yaml; by any other it is taken for that of the connector's own side. */
function clusterOf({ sides: clusters }: Migration, { bootstrap }: History, own: Side): Side {
  return sides.find((side) => clusters[side].kafka.bootstrap.some((one) => bootstrap.includes(one))) ?? own
}

type Found =
  | { readonly side: Side; readonly entries: number; readonly newest: readonly Buffer[] }
  | { readonly side: Side; readonly fault: string; readonly text: string }

const lookBack = 200n

/** The newest entries of a schema history, the last one last; they are small, and few. */
async function entriesOf(clusters: OnKafka<Books>['kafka'], { topic }: History, side: Side): Promise<Found> {
  const kafka = clusters[side]
  const bounds = await Promise.all([kafka.startOffsets([topic]), kafka.endOffsets([topic])]).catch((error) => {
    if ((error as { code?: unknown }).code === 'unknown-topic') return undefined
    throw error
  })
  if (!bounds) return { side, fault: 'history-missing', text: 'is not there, or may not be seen' }
  const [starts, ends] = bounds
  const [range, ...more] = between(starts, ends)
  if (!range) return { side, fault: 'history-empty', text: 'is empty' }
  if (more.length > 0) return { side, fault: 'history-order', text: 'lies in several partitions, so its order is lost' }
  if (range.from > 0n)
    return { side, fault: 'history-cut', text: `begins at ${range.from}: retention has taken its beginning` }
  const newest: Buffer[] = []
  const from = range.to > lookBack ? range.to - lookBack : 0n
  await kafka.scan([{ ...range, from }], (_, batch) => {
    if (!batch.control) newest.push(...batch.records().flatMap(({ value }) => value ?? []))
  })
  return { side, entries: Number(range.to), newest }
}
