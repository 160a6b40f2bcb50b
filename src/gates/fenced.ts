import { z } from 'zod'
import { type Migration, type Side, sides } from '../config/migration.js'
import type { Acl } from '../connect/kafka/types.js'
import { isFenced, isShut, unfenced } from '../proof/acls.js'
import type { Measured } from '../runbook/language.js'
import { gate } from './gate.js'
import type { OnKafka, ReadsAcls } from './reading/clients.js'
import { fencedTopics } from './reading/fenced.js'
import { count, few } from './reading/say.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({
  side: z.enum(sides),
  /** false: no fence may stand there, since producers are to write on that side. */
  stands: z.boolean().default(true),
})

export const fenced = gate<OnKafka<ReadsAcls>, z.infer<typeof args>>({
  name: 'fenced',
  proves:
    'nobody but super users may write the mirrored topics of a side, by ACL; where there is no authorizer, it says so. With stands: false, that no ACL shuts one of them to everybody',
  args,
  measure: ({ kafka }, { side, stands }, { migration }) =>
    unlessUnreadable(async () => {
      const acls = await kafka[side].acls()
      if (!acls)
        return {
          verdict: 'passed',
          text: `The ${side} has no authorizer, so there is no fence${stands ? '; no-writes and one-side-writes are the proof' : ''}`,
        }
      if (!stands) return measureOpen(acls, side, migration)
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

/** What an earlier night left there, or a mirror that copies ACLs, shows before producers fail on it. */
function measureOpen(acls: readonly Acl[], side: Side, { topics, sides }: Migration): Measured {
  const shut = topics.filter((topic) => isShut(acls, topic))
  if (shut.length === 0)
    return {
      verdict: 'passed',
      text: `No ACL of the ${side} shuts a mirrored topic to everybody: no fence stands there`,
    }
  const fences = shut.filter((topic) => isFenced(acls, topic))
  const other = shut.length - fences.length
  return {
    verdict: 'failed',
    reason: 'shut',
    evidence: { shut, fences },
    text: `By ACL nobody but super users may write ${few(shut)} of the ${side}, neither the mirror nor the apps that are to start there${
      fences.length > 0
        ? `. On ${count(fences.length, 'topic')} a fence stands: take it away by kafka-acls --bootstrap-server ${sides[side].kafka.bootstrap.join(',')} --remove --force --deny-principal 'User:*' --operation Write, with --topic for each, and see that no mirror copies it there again (sync.topic.acls.enabled)`
        : ''
    }${other > 0 ? `. On ${count(other, 'topic')} it is another DENY than a fence: see kafka-acls --list` : ''}`,
  }
}
