import { z } from 'zod'
import { sides } from '../config/migration.js'
import { gate } from './gate.js'
import { certificateOf, movedCommits } from './reading/certificate.js'
import type { Commits, OnKafka, Scans } from './reading/clients.js'
import { at, count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ side: z.enum(sides) })

export const offsetsStill = gate<OnKafka<Commits & Scans>, z.infer<typeof args>>({
  name: 'offsets-still',
  proves: 'the commits of every group are those of the certificate of the drain',
  args,
  needs: ['certificate'],
  measure: ({ kafka }, { side }, look) =>
    unlessUnreadable(async () => {
      const certified = await certificateOf(side, look)
      if (!certified)
        return {
          verdict: 'failed',
          reason: 'no-certificate',
          text: `The ${side} was never certified as drained, so its commits have nothing to equal. Pass drained first`,
        }
      const moved = await movedCommits(kafka[side], look, certified)
      if (moved.length > 0)
        return {
          verdict: 'failed',
          reason: 'moved',
          evidence: { moved: moved.slice(0, 10) },
          text: `${count(moved.length, 'commit')} on the ${side} moved since the drain: ${few(moved)}`,
        }
      return {
        verdict: 'passed',
        text: `The commits of ${count(Object.keys(certified.commits).length, 'group')} on the ${side} are those of the drain at ${at(certified.at)}`,
      }
    }),
})
