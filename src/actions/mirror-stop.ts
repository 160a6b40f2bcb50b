import { z } from 'zod'
import { isAtRest } from '../gates/reading/connector.js'
import { action } from './action.js'
import { type MirrorDeps, mirrorEffect, performMirror } from './mirror.js'

const args = z.strictObject({})

export const mirrorStop = action<MirrorDeps, z.infer<typeof args>>({
  name: 'mirror-stop',
  does: "stops the mirror's source connector, so that it commits its last offsets; the checkpoints go on",
  args,
  undone: () => [{ gate: 'mirror-runs', args: {}, withinMs: 120_000 }],
  async plan({ connect }, _, { migration: { mirror } }) {
    const status = await connect(mirror.url).status(mirror.source)
    return { effects: isAtRest(status) ? [] : [mirrorEffect('mirror-stop', mirror.source, 'STOPPED')] }
  },
  perform: performMirror,
})
