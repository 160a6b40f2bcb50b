import { z } from 'zod'
import { action } from './action.js'
import { isRunning } from './connectors.js'
import { type MirrorDeps, mirrorEffect, performMirror } from './mirror.js'

const args = z.strictObject({})

export const mirrorStart = action<MirrorDeps, z.infer<typeof args>>({
  name: 'mirror-start',
  does: "starts the mirror's connectors again; what was born on the target above the waterline is named first",
  args,
  gives: ['orphans'],
  async plan({ connect }, _, { migration: { mirror } }) {
    const names = [mirror.source, ...(mirror.checkpoint ? [mirror.checkpoint] : [])]
    const found = await Promise.all(
      names.map(async (name) => ({ name, status: await connect(mirror.url).status(name) })),
    )
    return {
      effects: found
        .filter(({ status }) => !isRunning(status))
        .map(({ name }) => mirrorEffect('mirror-start', name, 'RUNNING')),
    }
  },
  perform: performMirror,
})
