import { z } from 'zod'
import { sides } from '../config/migration.js'
import { isFenced } from '../proof/acls.js'
import { action } from './action.js'
import { type FenceDeps, fenceEffects, performFence } from './fence.js'

const args = z.strictObject({ side: z.enum(sides) })

export const writesOpen = action<FenceDeps, z.infer<typeof args>>({
  name: 'writes-open',
  does: 'takes the fence of writes-fence away from a side; for a rollback from the pivot on, before that undo does it',
  args,
  async plan({ kafka }, { side }, { migration }) {
    const acls = (await kafka[side].acls()) ?? []
    const fenced = migration.topics.filter((topic) => isFenced(acls, topic))
    return { effects: fenceEffects('writes-open', side, fenced, false, migration) }
  },
  perform: performFence,
})
