import { comparedSettings, differing, type Meaning } from './valve-settings.js'

type Settings = Readonly<Record<string, string>>

/** What is read of a valve's settings; none of them is a secret. */
export const valveSettings: readonly string[] = [
  'connector.class',
  'topic.prefix',
  'database.server.name',
  'plugin.name',
  'slot.name',
  'slot.drop.on.stop',
  'snapshot.mode',
  'schema.history.internal.kafka.topic',
  'schema.history.internal.kafka.bootstrap.servers',
  'database.history.kafka.topic',
  'database.history.kafka.bootstrap.servers',
  ...comparedSettings,
]

export interface Fault {
  readonly reason: 'class' | 'name' | 'slot' | 'snapshot' | 'rewindable' | Meaning
  readonly text: string
}

/** Why the valve that is opened would not go on exactly where the other was closed, worst first. The facts about Debezium are of 3.1. */
export function valveFaults(opened: Settings, other: Settings, { rewindable }: { rewindable: boolean }): Fault[] {
  const kind = opened['connector.class'] ?? ''
  if (kind !== (other['connector.class'] ?? ''))
    return [
      { reason: 'class', text: `it is a ${kind}, the other a ${other['connector.class']}: offsets mean nothing to it` },
    ]
  if (!isKnown(kind)) return []
  const faults: Fault[] = []
  const [name, otherName] = [nameOf(opened), nameOf(other)]
  if (name !== otherName)
    faults.push({
      reason: 'name',
      text: `its topic.prefix is ${name}, the other's ${otherName}: offsets are kept under that name, so it would find none and read everything anew`,
    })
  faults.push(...differing(opened, other))
  if (opened['snapshot.mode'] === 'always')
    faults.push({
      reason: 'snapshot',
      text: 'snapshot.mode is always: each start reads everything anew. Make it initial',
    })
  if (opened['snapshot.mode'] === 'initial_only')
    faults.push({
      reason: 'snapshot',
      text: 'snapshot.mode is initial_only: it never reads what changes after a snapshot. Make it initial',
    })
  return kind.endsWith('.PostgresConnector') ? [...slotFaults(opened, other, rewindable), ...faults] : faults
}

/** Of other classes than Debezium's it is not known what their settings mean. */
export const isKnown = (kind: string): boolean => kind.startsWith('io.debezium.')

function slotFaults(opened: Settings, other: Settings, rewindable: boolean): Fault[] {
  const faults: Fault[] = []
  const [slot, otherSlot] = [slotOf(opened), slotOf(other)]
  if (slot !== otherSlot)
    faults.push({
      reason: 'slot',
      text: `it reads from slot ${slot}, the other from ${otherSlot}: a slot holds what was written since it was made or last read, whatever the offsets say, so rows would be lost. Give both the same slot.name`,
    })
  if (pluginOf(opened) !== pluginOf(other))
    faults.push({
      reason: 'slot',
      text: `its plugin.name is ${pluginOf(opened)}, the other's ${pluginOf(other)}: a slot is read by the plugin that it was made with. Make it the same`,
    })
  if ([opened, other].some((one) => one['slot.drop.on.stop'] === 'true'))
    faults.push({
      reason: 'slot',
      text: 'slot.drop.on.stop is true: what is written between closing and opening would be lost. Make it false on both',
    })
  if (rewindable)
    faults.push({
      reason: 'rewindable',
      text: 'migration.yaml says rewindable: true, but a slot never hands out again what was confirmed: turning back would lose what came in by the other side. Leave it out',
    })
  return faults
}

/** Up to 1.9 it had another name. */
const nameOf = (settings: Settings) => settings['topic.prefix'] ?? settings['database.server.name']
const pluginOf = (settings: Settings) => settings['plugin.name'] ?? 'decoderbufs'
const slotOf = (settings: Settings) => settings['slot.name'] ?? 'debezium'

export interface History {
  readonly topic: string
  readonly bootstrap: readonly string[]
}

/** Where Debezium keeps what the tables looked like at each position (MySQL, SQL Server, Oracle, Db2); PostgreSQL needs none. */
export function historyIn(settings: Settings): History | undefined {
  const of = (what: string) =>
    settings[`schema.history.internal.kafka.${what}`] ?? settings[`database.history.kafka.${what}`]
  const topic = of('topic')
  return topic === undefined
    ? undefined
    : { topic, bootstrap: (of('bootstrap.servers') ?? '').split(',').map((one) => one.trim()) }
}
