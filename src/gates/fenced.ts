import { z } from 'zod'
import { sides } from '../config/migration.js'
import { isFenced, unfenced } from '../proof/acls.js'
import { gate } from './gate.js'
import type { OnKafka, ReadsAcls } from './reading/clients.js'
import { fencedTopics } from './reading/fenced.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ side: z.enum(sides) })

export const fenced = gate<OnKafka<ReadsAcls>, z.infer<typeof args>>({
  name: 'fenced',
  proves:
    'nobody but super users may write the mirrored topics of a side, by ACL; where there is no authorizer, it says so',
  args,
  measure: ({ kafka }, { side }, { migration }) =>
    unlessUnreadable(async () => {
      const acls = await kafka[side].acls()
      if (!acls)
        return {
          verdict: 'passed',
          text: `The ${side} has no authorizer, so there is no fence; no-writes and one-side-writes are the proof`,
        }
      const topics = fencedTopics(migration)
      const open = unfenced(acls, topics)
      const shut = topics.filter((topic) => isFenced(acls, topic))
      const evidence = { open: [...open], shut: [...shut] }
      if (open.length > 0)
        return {
          verdict: 'failed',
          reason: 'open',
          evidence,
          text: `ACLs let ${few(open)} be written on the ${side}: no fence stands, and no-writes and one-side-writes are the proof. It needs ALTER on the cluster for the bot's user, and no running mirror that copies ACLs (sync.topic.acls.enabled); Strimzi's User Operator takes it away from 0.48 on, unless its STRIMZI_IGNORED_USERS_PATTERN matches *`,
        }
      return {
        verdict: 'passed',
        evidence,
        text:
          shut.length > 0
            ? `Nobody but super users may write ${count(shut.length, 'topic')} of the ${side}`
            : `No ACL of the ${side} lets anybody write a mirrored topic, so there is nothing to fence`,
      }
    }),
})
