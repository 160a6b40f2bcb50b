import type { Side } from '../../config/migration.js'
import type { Offsets } from '../../connect/kafka/types.js'
import type { ConnectorOffset } from '../../connect/kafka-connect/kafka-connect.js'
import { eachPartition, ofTopics } from '../../proof/offsets.js'
import { otherSide } from '../reading/valve.js'
import { type ByHand, byHand, valveFile, valveLines, waterlineFile } from './by-hand.js'
import type { Standing } from './standing.js'

/** The whole pack as text that a person can follow without the bot: where things stand, the way on, the way back, the files. */
export function packText(standing: Standing, mirror: 'first' | 'last'): string {
  const { migration, apps } = standing
  const active: Side = apps.some((app) => app.tier === 'upstream' && app.replicas.target > 0) ? 'target' : 'source'
  const back = byHand(standing, active, mirror)
  const { source, target } = migration.sides
  return `${[
    `BREAK-GLASS PACK of the migration ${migration.migration}`,
    'For the night that must be finished without the bot. Take one of the two ways, from its top; go on only when a line has come true.',
    'Files named here stand at the end: save each under its name. No secret is in it: where a cluster wants credentials, add them (--command-config FILE).',
    `kubectl needs a kubeconfig with the contexts ${source.kubernetes.context} and ${target.kubernetes.context}: the one that the bot is given has them (KUBECONFIG).`,
    'Never start the mirror while producers run on the target: what it brings then is processed twice.',
    '',
    'WHERE THINGS STAND',
    ...lines(standing),
    '',
    `WAY ON: everything to the ${otherSide(active)}`,
    ...numbered(byHand(standing, otherSide(active), mirror)),
    '',
    `WAY BACK: everything to the ${active}`,
    ...(back.length ? numbered(back) : nothingMoved(active)),
    '',
    'FILES',
    ...filesOf(standing, active).flatMap(({ name, content }) => [`--- ${name}`, content]),
    '--- end',
  ].join('\n')}\n`
}

/** Where all is at home the way back is empty, until somebody has begun the way on. */
const nothingMoved = (active: Side): string[] => [
  `Nothing is left to do: everything still runs on the ${active}.`,
  'Whoever has begun the way on and turns around prints a new pack first (floodgate pack, which needs no Slack and no bot): its way back begins where things stand then.',
]

function lines({ apps, mirror, valve }: Standing): string[] {
  return [
    ...apps.map(
      (app) =>
        `${app.name} (${app.tier}, ${app.workload}): ${app.replicas.source} on the source, ${app.replicas.target} on the target, ${app.wanted ?? 'an unknown number'} when it runs`,
    ),
    ...mirror.map((one) => `mirror ${one.connector}: ${one.state}`),
    ...(valve
      ? (['source', 'target'] as const).map(
          (side) =>
            `valve ${valve[side].connector} on the ${side}: ${valve[side].state}, has delivered ${JSON.stringify(valve.offsets[side])}`,
        )
      : []),
  ]
}

function numbered(steps: readonly ByHand[]): string[] {
  if (steps.length === 0) return ['Nothing is left to do.']
  return steps.flatMap(({ why, commands }, i) => [`${i + 1}. ${why}.`, ...commands.map((one) => `    ${one}`)])
}

function filesOf({ groups, commits, waterline, valve }: Standing, active: Side): { name: string; content: string }[] {
  const csv = (offsets: Offsets | undefined, topics: readonly string[]) =>
    [...eachPartition(ofTopics(offsets ?? new Map(), topics))]
      .map(({ topic, partition, offset }) => `${topic},${partition},${offset}`)
      .join('\n')
  const carried = valve?.[active].atRest ? valve.offsets[active] : null
  const next = valve?.at[otherSide(active)]
  return [
    ...groups.flatMap(({ group, topics }) => [
      ...(waterline ? [{ name: waterlineFile(group), content: csv(waterline, topics) }] : []),
      { name: `source-${group}.csv`, content: csv(commits.source.get(group), topics) },
      { name: `target-${group}.csv`, content: csv(commits.target.get(group), topics) },
    ]),
    ...(carried ? [{ name: valveFile, content: JSON.stringify({ offsets: carried }) }] : []),
    ...(carried && next?.offsets ? [{ name: valveLines, content: linesOf(next.connector, carried) }] : []),
  ]
}

const linesOf = (connector: string, offsets: readonly ConnectorOffset[]) =>
  offsets
    .map(({ partition, offset }) => `${JSON.stringify([connector, partition])}\t${JSON.stringify(offset)}`)
    .join('\n')
