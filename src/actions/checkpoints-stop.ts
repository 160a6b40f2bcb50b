import { z } from 'zod'
import { isAtRest } from '../gates/reading/connector.js'
import { action } from './action.js'
import { type MirrorDeps, mirrorEffect, performMirror } from './mirror.js'

const args = z.strictObject({})

export const checkpointsStop = action<MirrorDeps, z.infer<typeof args>>({
  name: 'checkpoints-stop',
  does: "stops the mirror's checkpoint connector, so that it does not move the groups on the target any more",
  args,
  async plan({ connect }, _, { migration: { mirror } }) {
    if (!mirror.checkpoint) return { effects: [] }
    const status = await connect(mirror.url).status(mirror.checkpoint)
    return { effects: isAtRest(status) ? [] : [mirrorEffect('checkpoints-stop', mirror.checkpoint, 'STOPPED')] }
  },
  perform: performMirror,
})
