import { z } from 'zod'
import { type Migration, type Side, sides } from '../config/migration.js'
import type { Offsets } from '../connect/kafka/types.js'
import type { ConnectorStatus } from '../connect/kafka-connect/kafka-connect.js'
import type { Ends } from '../gates/reading/clients.js'
import { few } from '../gates/reading/say.js'
import { groupsOf, type ReadingGroup } from '../proof/consumption.js'
import { readFact, waterlineFact } from '../proof/facts.js'
import { changes, countPartitions, fromJson, ofTopics, partitionName, toJson } from '../proof/offsets.js'
import { digest } from '../runbook/json.js'
import type { Effect } from '../runbook/language.js'
import { action, type PlanContext } from './action.js'
import { commitAndReadBack, type Positioning } from './positioning.js'
import { Refusal } from './refusal.js'

interface Deps {
  readonly kafka: Readonly<Record<Side, Ends & Positioning>>
  connect(url: string): { status(connector: string): Promise<ConnectorStatus | undefined> }
}

const args = z.strictObject({ side: z.enum(sides), at: z.literal('waterline') })
const onSchema = z.object({ side: z.enum(sides), group: z.string() })
/**
 * Where a group of the sleeping side stood before is whatever the checkpoints last wrote: it moves while the step is asked for, so
 * it is no part of what is approved, and undo leaves the group where it is.
 */
const stateSchema = z.object({ at: z.enum(['waterline', 'unrecorded']), digest: z.string().optional() })

export const groupsPosition = action<Deps, z.infer<typeof args>>({
  name: 'groups-position',
  does: 'sets the offsets of every group on every partition of its topics to the waterline',
  args,
  needs: ['waterline'],
  async plan({ kafka }, { side }, context) {
    const groups = groupsOf(context.migration.apps)
    const waterline = await readWaterline(context)
    const commits = await kafka[side].committed(groups.map(({ group }) => group))
    const isPositioned = groups.every(({ group, topics }) => {
      const found = ofTopics(commits.get(group) ?? new Map(), topics)
      return waterline !== undefined && changes(found, ofTopics(waterline, topics)).length === 0
    })
    // All or none: checkpoints move one group after the other, and a plan that shrinks meanwhile would have to be approved again.
    const effects = isPositioned ? [] : groups.map((one) => positionEffect(side, one, waterline))
    return { effects }
  },

  async perform({ kafka, connect }, effect, context) {
    const { side, group } = onSchema.parse(effect.on)
    const after = stateSchema.parse(effect.after)
    const { topics } = groupsOf(context.migration.apps).find((one) => one.group === group) ?? { topics: [] }
    if (after.at === 'unrecorded') return { text: `${group} stays where it is; the next cut-over sets it again` }

    const waterline = await readWaterline(context)
    if (!waterline)
      throw new Refusal(
        'fact-missing',
        `No waterline is recorded, so ${group} has no place to start from. Pass the gate waterline first`,
      )
    const wanted = ofTopics(waterline, topics)
    if (after.digest && after.digest !== digest(toJson(wanted)))
      throw new Refusal(
        'fact-changed',
        `The waterline is not the one that was approved for ${group}. Plan the step again`,
      )
    await refuseNewPartitions(kafka[side], wanted, topics)
    await refuseCheckpoints(connect, context.migration)
    await commitAndReadBack(kafka[side], { side, group, where: 'the waterline' }, wanted)
    return { text: `${group} stands at the waterline on ${countPartitions(wanted)} partitions, read back` }
  },
})

async function readWaterline({ fact }: PlanContext): Promise<Offsets | undefined> {
  const found = readFact(waterlineFact, await fact('waterline'))
  return found && fromJson(found.offsets)
}

function positionEffect(side: Side, { group, topics }: ReadingGroup, waterline: Offsets | undefined): Effect {
  const wanted = waterline && ofTopics(waterline, topics)
  return {
    id: `groups-position ${side}/${group}`,
    action: 'groups-position',
    target: `${side}/group/${group}`,
    before: { at: 'unrecorded' },
    after: { at: 'waterline', digest: wanted && digest(toJson(wanted)) },
    on: { side, group },
    text: `set ${group} to the waterline on ${wanted ? `${countPartitions(wanted)} partitions of ` : ''}${few(topics, 5)}`,
  }
}

async function refuseNewPartitions(
  kafka: Deps['kafka'][Side],
  wanted: Offsets,
  topics: readonly string[],
): Promise<void> {
  const ends = await kafka.endOffsets(topics)
  const unknown = changes(wanted, ends).find(({ from }) => from === undefined)
  if (unknown)
    throw new Refusal(
      'fact-changed',
      `${partitionName(unknown)} was made after the waterline was recorded, so no group has a place to start there. Record the waterline again`,
    )
}

/** The checkpoint connector writes the offsets of groups without members, and would move them again. */
async function refuseCheckpoints(connect: Deps['connect'], { mirror }: Migration): Promise<void> {
  if (!mirror.checkpoint) return
  const status = await connect(mirror.url).status(mirror.checkpoint)
  if (status && (status.state === 'RUNNING' || status.tasks.some((task) => task.state === 'RUNNING')))
    throw new Refusal(
      'checkpoints-run',
      `${mirror.checkpoint} is ${status.state} and may overwrite the positions. Stop it first (checkpoints-stop)`,
    )
}
