import type { Side, Tier } from '../../config/migration.js'
import { otherSide } from '../reading/valve.js'
import type { ConnectorStanding, Standing, ValveStanding } from './standing.js'

/** One thing to do by hand: why, and the commands as they are typed, without any shell in them. */
export interface ByHand {
  readonly why: string
  readonly commands: readonly string[]
}

/** What is left to do until everything runs on that side; what is done already is left out. */
export function byHand(standing: Standing, to: Side, mirror: 'first' | 'last'): readonly ByHand[] {
  const from = otherSide(to)
  const live = standing.apps.some((app) => app.replicas[from] > 0)
  const there = to === 'target'
  return [
    ...(there && mirror === 'first' ? [...stopMirror(standing), ...readWaterline(standing)] : []),
    ...closeValve(standing, from),
    ...(there && mirror === 'last' ? [] : openValve(standing, to, there || live)),
    ...stopUpstream(standing, from),
    ...(live ? [drain(standing, from)] : []),
    ...scale(standing, from, 'downstream', 0),
    ...scale(standing, from, 'dam', 0),
    ...(there ? [...stopRest(standing, mirror), ...placeGroups(standing)] : []),
    ...(there && mirror === 'last' ? openValve(standing, to, true) : []),
    ...(there ? [] : openFence(standing)),
    ...scale(standing, to, 'upstream', 'wanted'),
    ...scale(standing, to, 'dam', 'wanted'),
    ...scale(standing, to, 'downstream', 'wanted'),
    ...(there ? [] : resumeMirror(standing)),
  ]
}

/** The file in which a group's place on the target stands. */
export const waterlineFile = (group: string): string => `waterline-${group}.csv`
export const valveFile = 'valve-offsets.json'
/** The same as keys and values of the topic in which workers keep them. */
export const valveLines = 'valve-offsets.txt'

function stopMirror(standing: Standing): ByHand[] {
  const [mirror] = standing.mirror
  if (!mirror || mirror.atRest) return []
  const { verb, reached } = haltOf(standing)
  return [
    {
      why: `Stop the mirror, and wait until the answer says ${reached}`,
      commands: [put(standing, mirror, verb), status(standing, mirror)],
    },
  ]
}

/** Kafka Connect before 3.5 only pauses: its tasks live on, and commit what they have sent within a minute. */
function haltOf({ migration: { mirror } }: Standing) {
  const stop = mirror.resource?.stop ?? (mirror.offsets ? 'paused' : 'stopped')
  if (stop === 'replicas') return { verb: 'stop', reached: 'that it has no pod any more' } as const
  return stop === 'paused'
    ? ({ verb: 'pause', reached: 'PAUSED of all, and a minute longer' } as const)
    : ({ verb: 'stop', reached: 'STOPPED and names no task' } as const)
}

function closeValve(standing: Standing, side: Side): ByHand[] {
  const { valve } = standing
  if (!valve || valve[side].atRest) return []
  const at = valve.at[side]
  const stops = at.resource ? at.resource.stop === 'stopped' : !at.offsets
  const told = at.offsets
    ? `kafka-console-consumer ${booksOf(standing, side)} --from-beginning --timeout-ms 10000 --property print.key=true`
    : `curl -sS ${path(at)}/offsets`
  const rest = stops ? 'STOPPED' : 'PAUSED. Restart its tasks, by which they commit and stay paused'
  return [
    {
      why: `Close the valve to the ${side} and wait until it is ${rest}. ${kept(at, valve.at[otherSide(side)])}`,
      commands: [
        drive(standing, valve, side, stops ? 'stop' : 'pause'),
        status(standing, at),
        ...(stops ? [] : restarts(valve, side)),
        told,
      ],
    },
  ]
}

/** In the form in which the side that is to be opened takes offsets, whichever is that of the side that tells them. */
function kept(from: ValveStanding['at']['source'], to: ValveStanding['at']['source']): string {
  const taken = `Of the last answer take the last line of each key that begins ["${from.connector}" (not where it says null), which is ["${from.connector}",PARTITION], a tab, OFFSET`
  if (to.offsets)
    return from.offsets
      ? `${taken}, and keep these lines as ${valveLines}`
      : `Of each {"partition":PARTITION,"offset":OFFSET} of the last answer make a line ["${to.connector}",PARTITION], a tab, OFFSET, and keep these lines as ${valveLines}`
  return from.offsets
    ? `${taken}, and make {"offsets":[{"partition":PARTITION,"offset":OFFSET}]} of them with an entry a line, to keep it as ${valveFile}`
    : `Keep the last answer as ${valveFile}`
}

function openValve(standing: Standing, side: Side, carry: boolean): ByHand[] {
  const { valve } = standing
  if (!valve || valve[side].running) return []
  const at = valve.at[side]
  const carried = at.offsets
    ? [...restarts(valve, side), `kafka-console-producer ${booksOf(standing, side)} --property parse.key=true`]
    : [`curl -sS -X PATCH -H content-type:application/json --data @${valveFile} ${path(at)}/offsets`]
  const where = at.offsets
    ? ` where it was closed. To the producer give the lines of ${valveLines}, each ["${at.connector}",PARTITION], a tab, OFFSET; where the topic has a key for that partition it must be the same to the letter`
    : ` where it was closed (${valveFile})`
  return [
    {
      why: `Open the valve to the ${side}${carry ? where : ', from where it stood there'}, and wait until it is RUNNING`,
      commands: [...(carry ? carried : []), drive(standing, valve, side, 'resume'), status(standing, at)],
    },
  ]
}

/** The topic in which workers older than 3.6 keep their offsets, for the tools of Kafka. */
function booksOf({ migration, valve }: Standing, side: Side): string {
  return `--bootstrap-server ${migration.sides[side].kafka.bootstrap.join(',')} --topic ${valve?.at[side].offsets}`
}

/** So that its tasks hold nothing: neither the source, nor where they stand. One that is stopped has none. */
function restarts(valve: ValveStanding, side: Side): string[] {
  const { state, tasks } = valve[side]
  if (state === 'STOPPED') return []
  return (tasks.length > 0 ? tasks : [0]).map(
    (task) => `curl -sS -X POST ${path(valve.at[side])}/tasks/${task}/restart`,
  )
}

/** Writers before readers; a reader only when its own group has nothing left to read. */
function stopUpstream(standing: Standing, side: Side): ByHand[] {
  return standing.apps
    .filter((app) => app.tier === 'upstream' && app.replicas[side] > 0)
    .map((app) => ({
      why: app.group
        ? `When ${app.group} has no lag any more, stop ${app.name}`
        : `Stop ${app.name}, which writes ${app.produces.join(', ') || 'nothing'}`,
      commands: [...(app.group ? [describe(standing, side, app.group)] : []), scaleTo(standing, side, app.workload, 0)],
    }))
}

const drain = (standing: Standing, side: Side): ByHand => ({
  why: `Wait until nobody writes on the ${side} any more and no group has lag: the same answer twice, ten seconds apart (a lag of 1 in a partition that stays is the mark at the end of a transaction, not a record)`,
  commands: standing.groups.map(({ group }) => describe(standing, side, group)),
})

/** With the mirror first only its checkpoints still run by now. */
function stopRest(standing: Standing, mirror: 'first' | 'last'): ByHand[] {
  const running = standing.mirror.filter((one, i) => !one.atRest && (mirror === 'last' || i > 0))
  const { verb, reached } = haltOf(standing)
  const stop: ByHand = {
    why: `Stop what is left of the mirror${mirror === 'last' ? ' once it has caught up with the silent source' : ''}, and wait until the answer says ${reached}: it must not move offsets or records any more`,
    commands: eachOnce(running.flatMap((one) => [put(standing, one, verb), status(standing, one)])),
  }
  return [...(running.length ? [stop] : []), ...(mirror === 'last' ? readWaterline(standing) : [])]
}

/** Log ends of the target while nobody but the stopped mirror has written there. */
function readWaterline({ migration, groups, waterline }: Standing): ByHand[] {
  if (waterline) return []
  return [
    {
      why: `Before anything else writes on the target: read its log ends, which are the waterline, and make for each group a file of lines topic,partition,offset with every partition of its topics (${groups.map(({ group, topics }) => `${waterlineFile(group)}: ${topics.join(' ')}`).join('; ')})`,
      commands: migration.topics.map(
        (topic) => `kafka-get-offsets --bootstrap-server ${targetOf(migration)} --topic ${topic}`,
      ),
    },
  ]
}

const placeGroups = ({ migration, groups }: Standing): ByHand[] => [
  {
    why: 'Set every group on the target to the waterline, which changes nothing where it is done already',
    commands: groups.map(
      ({ group }) =>
        `kafka-consumer-groups --bootstrap-server ${targetOf(migration)} --group ${group} --reset-offsets --from-file ${waterlineFile(group)} --execute`,
    ),
  },
]

function openFence({ fenced, migration: { sides } }: Standing): ByHand[] {
  if (fenced.length === 0) return []
  const open = `kafka-acls --bootstrap-server ${sides.source.kafka.bootstrap.join(',')} --remove --force --deny-principal 'User:*' --operation Write`
  // A JVM starts for each line, and a terminal takes so long a one.
  const lines = Array.from({ length: Math.ceil(fenced.length / 20) }, (_, i) => fenced.slice(i * 20, (i + 1) * 20))
  return [
    {
      why: 'Take the fence away, by which nobody may write these topics of the source',
      commands: lines.map((topics) => [open, ...topics.map((topic) => `--topic ${topic}`)].join(' ')),
    },
  ]
}

const targetOf = (migration: Standing['migration']) => migration.sides.target.kafka.bootstrap.join(',')

function resumeMirror(standing: Standing): ByHand[] {
  const stopped = standing.mirror.filter((one) => one.atRest)
  if (stopped.length === 0) return []
  return [
    {
      why: 'Last of all, when nothing runs on the target: start the mirror again, and wait until it is RUNNING',
      commands: eachOnce(stopped.flatMap((one) => [put(standing, one, 'resume'), status(standing, one)])),
    },
  ]
}

function scale(standing: Standing, side: Side, tier: Tier, to: 0 | 'wanted'): ByHand[] {
  const apps = standing.apps.filter((app) => app.tier === tier)
  const moved = to === 0 ? apps.filter((app) => app.replicas[side] > 0) : apps.filter((app) => short(app, side))
  if (moved.length === 0) return []
  const unknown = moved.filter((app) => to !== 0 && app.wanted === undefined).map((app) => app.name)
  return [
    {
      why: `${to === 0 ? 'Stop' : 'Start'} ${tier} on the ${side}, and wait until ${to === 0 ? 'no pod is left' : 'all are ready'}${unknown.length ? `. Nobody knows how many replicas ${unknown.join(', ')} had: put the number in` : ''}`,
      commands: [
        ...moved.map((app) => scaleTo(standing, side, app.workload, to === 0 ? 0 : app.wanted)),
        `kubectl ${where(standing, side)} get pods`,
      ],
    },
  ]
}

const short = (app: Standing['apps'][number], side: Side) => app.wanted === undefined || app.replicas[side] < app.wanted

const scaleTo = (standing: Standing, side: Side, workload: string, replicas: number | undefined) =>
  `kubectl ${where(standing, side)} scale ${workload.replace(/^[^/]+/, (kind) => kind.toLowerCase())} --replicas=${replicas ?? 'COUNT'}`

function where({ migration }: Standing, side: Side, of?: { readonly namespace?: string | undefined }): string {
  const { context, namespace } = migration.sides[side].kubernetes
  return `--context ${context} --namespace ${of?.namespace ?? namespace}`
}

const describe = ({ migration }: Standing, side: Side, group: string) =>
  `kafka-consumer-groups --bootstrap-server ${migration.sides[side].kafka.bootstrap.join(',')} --describe --group ${group}`

type At = Pick<ConnectorStanding, 'url' | 'connector'> | ValveStanding['at']['source']
const path = ({ url, connector }: At) => `${url.replace(/\/$/, '')}/connectors/${encodeURIComponent(connector)}`
const put = (standing: Standing, at: At, verb: 'stop' | 'pause' | 'resume') =>
  resourceOf(at)
    ? `kubectl ${whereMirror(standing)}edit kafkamirrormaker2 ${resourceOf(at)} # ${specOf(standing, at, verb)}`
    : `curl -sS -X PUT ${path(at)}/${verb}`
/** As the bot would change it. */
function specOf({ migration: { mirror } }: Standing, { connector }: At, verb: 'stop' | 'pause' | 'resume'): string {
  const { stop, version } = mirror.resource ?? {}
  if (stop === 'replicas')
    return `replicas: ${verb === 'resume' ? 'as many as before, which its annotation floodgate/replicas-before may say' : 0}`
  if (stop === 'paused' && version === 'v1beta2') return `pause of ${connector}: ${verb !== 'resume'}`
  return `state of ${connector}: ${verb === 'resume' ? 'running' : verb === 'pause' ? 'paused' : 'stopped'}`
}
function status(standing: Standing, at: At): string {
  const resource = resourceOf(at)
  if (!resource) return `curl -sS ${path(at)}/status`
  return standing.migration.mirror.resource?.stop === 'replicas'
    ? `kubectl ${whereMirror(standing)}get pods --selector strimzi.io/cluster=${resource},strimzi.io/kind=KafkaMirrorMaker2`
    : `kubectl ${whereMirror(standing)}get kafkamirrormaker2 ${resource} -o yaml`
}
/** By its replicas all of a mirror is stopped and started at once. */
const eachOnce = (commands: readonly string[]) => [...new Set(commands)]
function whereMirror(standing: Standing): string {
  const { resource } = standing.migration.mirror
  return resource ? `${where(standing, resource.side, resource)} ` : ''
}
/** The valve's connector, which may belong to Strimzi's operator. */
function drive(standing: Standing, valve: ValveStanding, side: Side, verb: 'stop' | 'pause' | 'resume'): string {
  const { connector, resource, ...at } = valve.at[side]
  if (!resource) return put(standing, { connector, ...at }, verb)
  const state = { state: verb === 'resume' ? 'running' : 'stopped', pause: null }
  const spec = resource.stop === 'paused' ? { pause: verb !== 'resume' } : state
  return `kubectl ${where(standing, side, resource)} patch kafkaconnector ${connector} --type merge --patch '${JSON.stringify({ spec })}'`
}
/** A mirror that belongs to Strimzi's operator is changed through its resource. */
const resourceOf = ({ url }: At) => /^kafkamirrormaker2:(.+)$/.exec(url)?.[1]
