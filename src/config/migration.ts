import { z } from 'zod'
import { timeOfDay, timeZone } from './clock.js'
import { durationMs } from './duration.js'

/** What migration.yaml says: one source cluster, one target cluster, and everything that moves between them. */
export type Migration = z.infer<typeof migrationSchema>
export type App = Migration['apps'][number]
export type KafkaSide = Migration['sides']['source']['kafka']
export type Valve = Migration['valve']
export const sides = ['source', 'target'] as const
export const tiers = ['upstream', 'dam', 'downstream'] as const
export type Side = (typeof sides)[number]
export type Tier = (typeof tiers)[number]

export const flows = ['main', 'canary'] as const
export type Flow = (typeof flows)[number]

/** The migration as a run of that flow sees it: the canary's topics, apps, mirror and valve alone, or all but them. */
export function ofFlow(migration: Migration, flow: Flow): Migration | null {
  const { canary, ...main } = migration
  return flow === 'main' ? main : canary ? { ...main, ...canary } : null
}

/** The name of an environment variable, never a value: secrets stay out of migration.yaml, the log and every message. */
const secretFromEnv = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'expected the NAME of an environment variable')
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'expected lower case letters, digits, - and .')

const kafkaSchema = z.strictObject({
  bootstrap: z.array(z.string().regex(/^[^:\s]+:\d+$/, 'expected host:port')).min(1),
  ssl: z
    .strictObject({ ca: z.string().optional(), cert: z.string().optional(), key: secretFromEnv.optional() })
    .optional()
    .describe('ca and cert are paths of PEM files; key names the variable that holds the path of the private key'),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
      username: z.string(),
      password: secretFromEnv,
    })
    .optional(),
})

const kafkaUsersSchema = z
  .strictObject({ namespace: name, cluster: name, version: z.enum(['v1beta2', 'v1']).default('v1beta2') })
  .describe(
    "where Strimzi's User Operator owns users and rights: the namespace of its KafkaUser resources, and their label strimzi.io/cluster; left out: no operator does",
  )

const sideSchema = z.strictObject({
  kafka: kafkaSchema,
  kubernetes: z.strictObject({ context: z.string(), namespace: name }),
  kafkaUsers: kafkaUsersSchema.optional(),
})

/** Without user and password: addresses stand in messages, in the log and in reports. */
const address = z.url().refine((text) => {
  const { username, password } = URL.canParse(text) ? new URL(text) : { username: '', password: '' }
  return !username && !password
}, 'expected an address without user and password')
const connectSchema = z.strictObject({
  url: address,
  connector: z.string(),
  resource: z
    .strictObject({
      namespace: name.optional().describe("left out: the side's"),
      version: z.enum(['v1beta2', 'v1']).default('v1beta2'),
      stop: z.enum(['stopped', 'paused']).default('stopped'),
    })
    .optional()
    .describe(
      'where the connector is a KafkaConnector of the same name: it is stopped and started through that, and its offsets are carried by url',
    ),
  offsets: z
    .string()
    .optional()
    .describe(
      'the topic on this side in which its workers keep their offsets (offset.storage.topic): needed beside url where Kafka Connect is older than 3.6, whose REST interface takes none',
    ),
})

const resourceSchema = z
  .strictObject({
    name,
    namespace: name.optional().describe("left out: the side's"),
    version: z.enum(['v1beta2', 'v1']).default('v1beta2'),
    side: z.enum(sides).default('target'),
    stop: z.enum(['stopped', 'paused', 'replicas']).default('stopped'),
    offsets: z.string().default('mirrormaker2-cluster-offsets'),
  })
  .describe(
    "Strimzi's KafkaMirrorMaker2, on which side, how it is stopped, and the topic on the target in which it keeps its offsets; instead of url",
  )

/** By Kafka Connect's REST interface (`url`), or by the resource of which Strimzi's operator is the owner. */
const mirrorSchema = z
  .strictObject({
    url: address.optional(),
    resource: resourceSchema.optional(),
    offsets: z
      .string()
      .optional()
      .describe(
        'the topic on the target in which its workers keep their offsets (offset.storage.topic): needed beside url where Kafka Connect is older than 3.5, whose REST interface gives none',
      ),
    source: z.string().describe('the MirrorSourceConnector'),
    checkpoint: z.string().optional().describe('the MirrorCheckpointConnector'),
    alias: z.strictObject({ source: z.string(), target: z.string() }).default({ source: 'source', target: 'target' }),
  })
  .refine(({ url, resource }) => (url === undefined) !== (resource === undefined), {
    message:
      'expected url (the REST interface of Kafka Connect) or resource (a KafkaMirrorMaker2), and one of them only',
  })
  .refine(({ resource, offsets }) => !resource || offsets === undefined, {
    path: ['offsets'],
    message: 'a mirror by its resource names the topic in resource.offsets',
  })
  // Whoever asks for a mirror names its address.
  .transform(({ url, resource, ...mirror }) => ({
    ...mirror,
    url: url ?? `kafkamirrormaker2:${resource?.name}`,
    ...(resource ? { resource } : {}),
  }))

const appSchema = z.strictObject({
  name,
  tier: z.enum(tiers),
  workload: z
    .string()
    .regex(/^(Deployment|StatefulSet)\/[a-z0-9.-]+$/, 'expected Deployment/NAME or StatefulSet/NAME')
    .describe('the same name on both sides'),
  group: z.string().optional().describe('its consumer group; left out for a pure producer'),
  consumes: z.array(z.string()).default([]).describe('every topic its group subscribes to'),
  produces: z.array(z.string()).default([]),
  settle: durationMs
    .default(1000)
    .describe('how long its commits must stand still before what it read counts as processed'),
  isolation: z.enum(['read_committed', 'read_uncommitted']).optional(),
  commits: z
    .enum(['after-processing', 'auto'])
    .default('after-processing')
    .describe('auto: its client commits by itself (enable.auto.commit), so what is committed may not be processed yet'),
  offsets: z
    .enum(['group', 'external', 'none'])
    .default('group')
    .describe(
      'where its positions are kept. external: by itself (Flink, Spark, a sink beside its files); none: it reads from the start. Neither has a group here',
    ),
  keysByOffset: z
    .boolean()
    .default(false)
    .describe(
      'offsets are part of what it writes elsewhere: document ids and versions, primary keys, file names, dedupe tables',
    ),
  user: z
    .string()
    .optional()
    .describe('the user that it writes and reads as, as ACLs name it without User:; one user an app'),
  owner: z.string().optional().describe('a person of people:'),
})

/** Kafka's default of auto.commit.interval.ms. */
const autoCommitMs = 5000

const monitoringSchema = z.strictObject({
  url: address.describe('of Prometheus, as the bot reaches it'),
  query: z
    .string()
    .default('up')
    .describe(
      'an instant vector with one sample for each broker of this side, above 0 when it is up: up{job="kafka-source"}',
    ),
})

const policySchema = z.strictObject({
  role: z.string(),
  approvals: z.int().min(1).default(1),
  expires: durationMs.default(7_200_000),
  self: z.boolean().default(false).describe('may the one who asked for the run approve it too?'),
  escalate: z
    .strictObject({ after: durationMs, to: z.string() })
    .optional()
    .describe(
      'people of the role `to` are called, once, when it is still not approved after that long; who may approve stays the same',
    ),
})

const valveSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('connect'),
    source: connectSchema,
    target: connectSchema,
    topics: z.array(z.string()).min(1),
    rewindable: z
      .boolean()
      .default(false)
      .describe(
        'true only where it is proved that it can read again what it has read: a file, a binlog, a change stream. Otherwise (a PostgreSQL slot) turning back copies what it has brought to the target',
      ),
  }),
  z.strictObject({
    kind: z.literal('person'),
    what: z.string().describe('what people call it: the pump of the ERP'),
    role: z.string().describe('who moves it, and says when that is done'),
    topics: z.array(z.string()).min(1),
  }),
  z.strictObject({ kind: z.literal('none') }),
])

/** What moves together: records, what brings them in and over, and who writes and reads them. */
const flow = {
  mirror: mirrorSchema,
  valve: valveSchema,
  topics: z.array(z.string()).min(1).describe('every mirrored topic'),
  apps: z.array(appSchema).min(1),
}

export const migrationSchema = z
  .strictObject({
    migration: name,
    channel: z.string().describe('the Slack channel in which the whole night takes place'),
    sides: z.strictObject({ source: sideSchema, target: sideSchema }),
    ...flow,
    canary: z
      .strictObject({ ...flow, valve: valveSchema.default({ kind: 'none' }) })
      .optional()
      .describe(
        'a flow of its own, with a mirror of its own, which can be taken through all steps before everything else',
      ),
    monitoring: z
      .strictObject({ source: monitoringSchema, target: monitoringSchema })
      .optional()
      .describe('where both clusters are monitored; the gate monitored asks there'),
    registry: z
      .strictObject({ source: address, target: address })
      .optional()
      .describe(
        'the schema registries, by their REST address as Confluent, Apicurio (ccompat) and Karapace have it; the same one twice where it is shared',
      ),
    groups: z
      .strictObject({
        stay: z
          .array(z.string())
          .default([])
          .describe('consumer groups of no app that stay on the source; connect-* stands for all that begin so'),
      })
      .prefault({}),
    users: z
      .strictObject({
        stay: z
          .array(z.string())
          .describe('Kafka users that stay on the source with their rights, as ACLs name them without User:'),
      })
      .optional(),
    people: z
      .array(z.strictObject({ name: z.string(), slack: z.string(), cluster: z.string().optional() }))
      .default([]),
    roles: z.record(
      z.string(),
      z.strictObject({ people: z.array(z.string()).default([]), groups: z.array(z.string()).default([]) }),
    ),
    policies: z.record(z.string(), policySchema),
    window: z
      .strictObject({ until: timeOfDay.optional(), zone: timeZone.default('UTC') })
      .optional()
      .describe('until when a night has time, in whose clocks; /migrate cutover until HH:MM says it for one night'),
    alerts: z
      .strictObject({
        lag: z
          .strictObject({ records: z.int().min(1).default(1000), stalled: durationMs.default(60_000) })
          .prefault({}),
        sample: durationMs.default(5000),
      })
      .prefault({}),
  })
  .superRefine((m, ctx) => {
    const complain = (path: (string | number)[], message: string) => ctx.addIssue({ code: 'custom', path, message })
    const people = new Set(m.people.map((person) => person.name))
    for (const { of, path } of [{ of: m, path: [] }, ...(m.canary ? [{ of: m.canary, path: ['canary'] }] : [])]) {
      const topics = new Set(of.topics)
      of.apps.forEach((app, i) => {
        const here = [...path, 'apps', i]
        if (app.offsets !== 'group' && (app.group !== undefined || app.consumes.length === 0))
          complain(here, `${app.name}: an app with offsets: ${app.offsets} consumes, and has no group`)
        if (app.offsets === 'group' && app.consumes.length > 0 !== (app.group !== undefined))
          complain(here, `${app.name}: an app that consumes has a group, and one with a group consumes`)
        if (app.commits === 'auto' && app.settle < autoCommitMs)
          complain(
            [...here, 'settle'],
            `${app.name}: with commits: auto it takes settle: 5s or more, its auto.commit.interval.ms and its slowest processing included`,
          )
        for (const topic of [...app.consumes, ...app.produces])
          if (!topics.has(topic)) complain(here, `${app.name}: topic ${topic} is not one of topics:`)
        if (app.owner && !people.has(app.owner)) complain([...here, 'owner'], `${app.owner} is not one of people:`)
        if (of.apps.findIndex((other) => other.name === app.name) !== i)
          complain([...here, 'name'], `${app.name} stands twice`)
      })
    }
    for (const what of sharedWithCanary(m))
      complain(['canary'], `${what} belongs to the canary and to everything else: what moves alone must share nothing`)
    for (const { path, message } of contradictingWorkers(m)) complain(path, message)
    const known = Object.keys(m.roles).join(', ')
    for (const valve of [m.valve, ...(m.canary ? [m.canary.valve] : [])])
      if (valve.kind === 'person' && !m.roles[valve.role])
        complain(['valve', 'role'], `no role ${valve.role} in roles: (${known})`)
    for (const [key, { role, escalate, expires }] of Object.entries(m.policies)) {
      if (!m.roles[role]) complain(['policies', key, 'role'], `no role ${role} in roles: (${known})`)
      if (!escalate) continue
      if (!m.roles[escalate.to])
        complain(['policies', key, 'escalate', 'to'], `no role ${escalate.to} in roles: (${known})`)
      if (escalate.after >= expires)
        complain(['policies', key, 'escalate', 'after'], 'expected less than expires, after which it is asked afresh')
    }
    for (const [key, role] of Object.entries(m.roles))
      for (const person of role.people)
        if (!people.has(person)) complain(['roles', key], `${person} is not one of people:`)
  })

type Flows = z.infer<z.ZodObject<typeof flow>>

/**
 * What cannot be so of the workers behind one address: they keep the offsets of all their connectors in one topic, on one side. A connector
 * that is on both sides would be opened where it was closed.
 */
function contradictingWorkers({ canary, ...main }: Flows & { canary?: Flows | undefined }) {
  const placesOf = ({ mirror, valve }: Flows, path: string[]) => [
    { path: [...path, 'mirror'], side: 'target', url: mirror.url, connector: mirror.source, offsets: mirror.offsets },
    ...(valve.kind === 'connect'
      ? sides.map((side) => ({ path: [...path, 'valve', side], side, ...valve[side] }))
      : []),
  ]
  // A mirror that was refused above has no address.
  const places = [...placesOf(main, []), ...(canary ? placesOf(canary, ['canary']) : [])].filter(({ url }) => url)
  return places.flatMap((one, i) =>
    places.slice(0, i).flatMap((other) => {
      if (one.url.replace(/\/$/, '') !== other.url.replace(/\/$/, '')) return []
      const [here, there] = [one, other].map(({ path }) => path.join('.'))
      const named = one.offsets ?? other.offsets
      const message =
        one.offsets && other.offsets && one.offsets !== other.offsets
          ? `${there} and ${here} are at one address, whose workers keep their offsets in one topic: expected the same offsets, not ${other.offsets} and ${one.offsets}`
          : one.side !== other.side && named
            ? `${there} and ${here} are at one address, but on two sides, and ${named} can be on one only: expected the address of each side's own workers`
            : one.side !== other.side && one.connector === other.connector
              ? `${there} and ${here} are the same connector at the same address: expected one for each side`
              : undefined
      return message ? [{ path: one.path, message }] : []
    }),
  )
}

/** Topics, apps, groups, workloads and connectors that both flows name. */
function sharedWithCanary({ canary, ...main }: Flows & { canary?: Flows | undefined }): string[] {
  if (!canary) return []
  const namesOf = ({ topics, apps, mirror, valve }: Flows) => [
    ...topics.map((topic) => `topic ${topic}`),
    ...apps.flatMap(({ name, workload, group }) => [`app ${name}`, workload, ...(group ? [`group ${group}`] : [])]),
    ...[mirror.source, ...(mirror.checkpoint ? [mirror.checkpoint] : [])].map((one) => `connector ${one}`),
    ...(valve.kind === 'connect' ? [valve.source, valve.target].map(({ connector }) => `connector ${connector}`) : []),
  ]
  const others = new Set(namesOf(main))
  return [...new Set(namesOf(canary))].filter((one) => others.has(one))
}
