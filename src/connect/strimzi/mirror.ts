import type { Kafka } from '../kafka/kafka.js'
import { ConnectError } from '../kafka-connect/errors.js'
import type { ConnectorStatus, KafkaConnect } from '../kafka-connect/kafka-connect.js'
import { readConnectorOffsets } from '../kafka-connect/offsets-topic.js'
import type { MirrorMaker, MirrorMakers, MirrorMakerVersion, MirrorSpec } from '../kubernetes/mirror-makers.js'
import { readAgainOnConflict } from './read-again.js'

export interface MirrorResource {
  /** The KafkaMirrorMaker2. */
  readonly name: string
  readonly version: MirrorMakerVersion
  /**
   * How it is stopped: by the connector's state (`stopped` from Strimzi 0.38 on), by its pause (where Kafka Connect is older than 3.5), or by
   * taking its replicas to zero (any version, AMQ Streams 1.7 too): then all of its connectors stop.
   */
  readonly stop: 'stopped' | 'paused' | 'replicas'
  /** Where its workers keep their offsets, on the target. */
  readonly offsets: string
}

interface Deps {
  readonly resources: MirrorMakers
  readonly kafka: Pick<Kafka, 'startOffsets' | 'endOffsets' | 'scan'>
}

/** How many replicas there were before they were taken to zero: on the resource itself, so that whoever starts it again knows. */
const replicasBefore = 'floodgate/replicas-before'

/**
 * A mirror whose owner is Strimzi's operator, which undoes what is changed behind its back (strimzi#3277): it is stopped and started through
 * its KafkaMirrorMaker2, and its positions are read from the topic in which Kafka Connect keeps them. What it shows is what Kafka Connect's own
 * REST interface would.
 */
export function createMirrorResource({ resources, kafka }: Deps, mirror: MirrorResource): KafkaConnect {
  const { name, version } = mirror
  const read = () => resources.get(version, name)
  /** A connector of another resource of the namespace goes by `RESOURCE/CONNECTOR`; names of resources hold no slash. */
  const placeOf = (connector: string) => {
    const slash = connector.indexOf('/')
    return slash < 0
      ? { of: name, part: connector }
      : { of: connector.slice(0, slash), part: connector.slice(slash + 1) }
  }

  async function change(connector: string, to: 'running' | 'stopped' | 'paused'): Promise<void> {
    const found = await read()
    const part = partOf(found, connector)
    const mirrors = found.spec.mirrors.map((one) => {
      if (one !== part.mirror) return one
      const { pause: _, state: __, ...spec } = one[part.kind] ?? {}
      // Operators up to 0.37 know `pause` alone, those for v1 `state` alone; between them the two may not contradict each other.
      const byPause = mirror.stop === 'paused' && version === 'v1beta2'
      return { ...one, [part.kind]: { ...spec, ...(byPause ? { pause: to === 'paused' } : { state: to }) } }
    })
    await resources.patch(version, name, found.metadata.resourceVersion, { spec: { mirrors } })
  }

  async function scale(to: 'zero' | 'before'): Promise<void> {
    const { metadata, spec } = await read()
    const now = spec.replicas ?? 1
    const wanted = to === 'zero' ? 0 : Number(metadata.annotations[replicasBefore] ?? 1)
    if (to === 'before' ? now > 0 : now === 0) return
    const annotations = to === 'zero' ? { [replicasBefore]: String(now) } : { [replicasBefore]: null }
    await resources.patch(version, name, metadata.resourceVersion, {
      metadata: { annotations },
      spec: { replicas: wanted },
    })
  }

  return {
    /** Its own, and those of all other resources beside it. */
    async connectors() {
      const others = (await resources.names(version)).filter((other) => other !== name)
      const of = async (other: string, prefix: string) =>
        partsOf(await resources.get(version, other)).map((part) => `${prefix}${part.name}`)
      return (await Promise.all([of(name, ''), ...others.map((other) => of(other, `${other}/`))])).flat()
    },
    async version() {
      const { spec } = await read()
      if (spec.version) return spec.version
      throw new ConnectError('unexpected', `KafkaMirrorMaker2 ${name} does not say its version: set spec.version`)
    },
    async status(connector) {
      const { of, part } = placeOf(connector)
      const found = await resources.get(version, of)
      partOf(found, part)
      if ((found.spec.replicas ?? 1) > 0) return statusIn(found, part)
      const pods = await resources.pods(of)
      const tasks = Array.from({ length: pods }, (_, id) => ({ id, state: 'RUNNING' }))
      return pods === 0 ? { state: 'STOPPED', tasks: [] } : { state: 'STOPPING', tasks }
    },
    async stop(connector) {
      const stop = mirror.stop
      await readAgainOnConflict(() => (stop === 'replicas' ? scale('zero') : change(connector, stop)))
      return stop === 'paused' ? 'pause' : 'stop'
    },
    async letGo(connector) {
      throw new ConnectError('refused', `The tasks of ${connector} are reached by Kafka Connect's REST interface alone`)
    },
    async resume(connector) {
      await readAgainOnConflict(() => (mirror.stop === 'replicas' ? scale('before') : change(connector, 'running')))
    },
    offsets: (connector) => readConnectorOffsets(kafka, mirror.offsets, connector),
    async setOffsets(connector) {
      throw new ConnectError(
        'refused',
        `The offsets of ${connector} are Kafka Connect's: set them by its REST interface, or by Strimzi's alterOffsets`,
      )
    },
    async settings(connector, keys) {
      const { of, part } = placeOf(connector)
      const found = await resources.get(version, of)
      const config = configOf(found, partOf(found, part))
      return Object.fromEntries(keys.flatMap((key) => (config[key] === undefined ? [] : [[key, String(config[key])]])))
    },
  }
}

type Kind = 'sourceConnector' | 'checkpointConnector'
interface Part {
  readonly mirror: MirrorSpec
  readonly kind: Kind
}
const classes: Readonly<Record<string, Kind>> = {
  MirrorSourceConnector: 'sourceConnector',
  MirrorCheckpointConnector: 'checkpointConnector',
}

/** The connector's configuration as the operator makes it: some of it has fields of its own in the resource. */
function configOf({ spec }: MirrorMaker, { mirror, kind }: Part): Readonly<Record<string, unknown>> {
  return {
    ...mirror[kind]?.config,
    'connector.class': `org.apache.kafka.connect.mirror.${Object.keys(classes).find((type) => classes[type] === kind)}`,
    'source.cluster.alias': mirror.sourceCluster ?? mirror.source?.alias,
    'target.cluster.alias': mirror.targetCluster ?? spec.target?.alias,
    topics: mirror.topicsPattern,
    'topics.exclude': mirror.topicsExcludePattern ?? mirror.topicsBlacklistPattern,
    groups: mirror.groupsPattern,
    'groups.exclude': mirror.groupsExcludePattern ?? mirror.groupsBlacklistPattern,
  }
}

/** The parts of the resource that are connectors; Strimzi calls them `SOURCE->TARGET.MirrorSourceConnector`. */
function partsOf({ spec }: MirrorMaker): readonly (Part & { readonly name: string })[] {
  return spec.mirrors.flatMap((mirror) => {
    const flow = `${mirror.sourceCluster ?? mirror.source?.alias}->${mirror.targetCluster ?? spec.target?.alias}`
    return Object.entries(classes).flatMap(([type, kind]) =>
      mirror[kind] === undefined ? [] : [{ mirror, kind, name: `${flow}.${type}` }],
    )
  })
}

function partOf(resource: MirrorMaker, connector: string): Part {
  const parts = partsOf(resource)
  const found = parts.find(({ name }) => name === connector)
  if (found) return found
  throw new ConnectError(
    'unknown',
    `The KafkaMirrorMaker2 has no connector ${connector}, only ${parts.map(({ name }) => name).join(', ')}. Compare mirror: in migration.yaml`,
  )
}

/** What the operator last saw, and nothing where it has not looked since the resource was changed. */
function statusIn({ metadata, status }: MirrorMaker, connector: string): ConnectorStatus {
  const seen = status.connectors?.find((one) => one.name === connector)
  const tasks = (seen?.tasks ?? []).map(({ id, state, trace }) => ({
    id,
    state,
    ...(trace ? { trace: trace.slice(0, 300) } : {}),
  }))
  const isFresh = status.observedGeneration === metadata.generation
  return { state: isFresh && seen ? seen.connector.state : 'RECONCILING', tasks }
}
