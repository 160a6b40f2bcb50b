import { z } from 'zod'
import { sides } from '../config/migration.js'
import { gate } from './gate.js'
import { certificateOf, grownEnds, movedCommits } from './reading/certificate.js'
import type { Commits, Ends, OnKafka, Scans } from './reading/clients.js'
import { at, count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ side: z.enum(sides) })

export const sealed = gate<OnKafka<Ends & Commits & Scans>, z.infer<typeof args>>({
  name: 'sealed',
  proves:
    'since the drain no data record was written and no commit moved: log ends and commits equal the newest certificate of the side',
  args,
  needs: ['certificate'],
  measure: ({ kafka }, { side }, look) =>
    unlessUnreadable(async () => {
      const certified = await certificateOf(side, look)
      if (!certified)
        return {
          verdict: 'failed',
          reason: 'no-certificate',
          text: `The ${side} was never certified as drained, so there is nothing to seal. Pass drained first`,
        }
      const [ends, moved] = await Promise.all([
        kafka[side].endOffsets(look.migration.topics),
        movedCommits(kafka[side], look, certified),
      ])
      const grown = await grownEnds(kafka[side], certified, ends)
      if (grown.length + moved.length > 0)
        return {
          verdict: 'failed',
          reason: grown.length > 0 ? 'written' : 'moved',
          evidence: { grown: grown.slice(0, 10), moved: moved.slice(0, 10) },
          text: `The seal of the ${side} is broken since ${at(certified.at)}: ${few([...grown, ...moved])}. Find who wrote, start the consumers again and drain anew`,
        }
      return {
        verdict: 'passed',
        evidence: { certifiedAt: certified.at },
        text: `The ${side} is sealed: log ends of ${count(Object.keys(certified.ends).length, 'topic')} and commits of ${count(Object.keys(certified.commits).length, 'group')} equal the certificate of ${at(certified.at)}`,
      }
    }),
})
