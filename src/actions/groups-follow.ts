import { z } from 'zod'
import { groupsOf } from '../proof/consumption.js'
import { copyFact, readFact } from '../proof/facts.js'
import { changes, countPartitions, fromJson, ofTopics } from '../proof/offsets.js'
import { digest } from '../runbook/json.js'
import { action, type PlanContext } from './action.js'
import { commitAndReadBack, type Positioning } from './positioning.js'
import { Refusal } from './refusal.js'

interface Deps {
  readonly kafka: { readonly source: Positioning }
}

const args = z.strictObject({})
const onSchema = z.object({ group: z.string() })
const stateSchema = z.object({ at: z.enum(['image', 'unrecorded']), digest: z.string().optional() })

export const groupsFollow = action<Deps, z.infer<typeof args>>({
  name: 'groups-follow',
  does: 'sets every group on the source where the copy of its next unread record of the target lies',
  args,
  needs: ['copy'],
  async plan({ kafka }, _, context) {
    const groups = groupsOf(context.migration.apps)
    const images = await imagesOf(context)
    const commits = await kafka.source.committed(groups.map(({ group }) => group))
    return {
      effects: groups.flatMap(({ group, topics }) => {
        const wanted = images?.[group]
        const found = ofTopics(commits.get(group) ?? new Map(), topics)
        if (wanted && changes(found, fromJson(wanted)).length === 0) return []
        return [
          {
            id: `groups-follow source/${group}`,
            action: 'groups-follow',
            target: `source/group/${group}`,
            before: { at: 'unrecorded' },
            after: { at: 'image', ...(wanted && { digest: digest(wanted) }) },
            on: { group },
            text: `set ${group} on the source to where it stood on the target${wanted ? `, on ${countPartitions(fromJson(wanted))} partitions of ${topics.join(', ')}` : ''}`,
          },
        ]
      }),
    }
  },

  async perform({ kafka }, effect, context) {
    const { group } = onSchema.parse(effect.on)
    const after = stateSchema.parse(effect.after)
    if (after.at === 'unrecorded') return { text: `${group} stays where it is; copying back again sets it again` }
    const image = (await imagesOf(context))?.[group]
    if (!image)
      throw new Refusal('fact-missing', `It is not known where ${group} goes on on the source. Pass copied-back first`)
    if (after.digest && after.digest !== digest(image))
      throw new Refusal('fact-changed', `The image of ${group} is not the one that was approved. Plan the step again`)
    const wanted = fromJson(image)
    await commitAndReadBack(kafka.source, { side: 'source', group, where: 'its image' }, wanted)
    return { text: `${group} stands where it stood on the target, on ${countPartitions(wanted)} partitions, read back` }
  },
})

async function imagesOf({ fact }: PlanContext) {
  return readFact(copyFact, await fact('copy'))?.images
}
