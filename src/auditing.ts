import type { Migration } from './config/migration.js'
import {
  type AuditDeps,
  type AuditPlan,
  auditPartition,
  type PartitionAudit,
  type PartitionPlan,
  planAudit,
} from './gates/reading/audit.js'
import { differenceLines, withAudited } from './gates/reading/audited.js'
import type { AuditQueue, AuditWork } from './jobs/audit.js'
import type { Log } from './log/submit.js'
import { auditFact, readFact } from './proof/facts.js'
import { inFlow } from './run/state.js'
import { digest } from './runbook/json.js'
import { type AuditResult, auditLines } from './slack/messages/audit.js'
import type { Stores } from './stores.js'

/** Content read per second by each replica, of both sides: background work beside a live migration. */
export const bytesPerSecond = 20_000_000
/** So long an audit that cannot be planned is tried again before that is what came of it. */
const plannedWithinMs = 60_000

interface About extends Pick<AuditPlan, 'topics'> {
  readonly by: string
  readonly at: number
  /** Why it could not even be begun. */
  readonly failed?: string
}

export interface AuditingDeps {
  readonly log: Pick<Log, 'load' | 'submit'>
  readonly stores: Pick<Stores, 'fact' | 'evidence'>
  readonly clients: AuditDeps
  readonly migration: Migration
  readonly replica: string
  readonly queue: Pick<AuditQueue<PartitionPlan>, 'goesOn' | 'begin'>
  readonly post: (result: AuditResult, id: string) => Promise<void>
}

/** An audit that somebody has asked for, from the log to its parts and back: `round` hands out what the log says is due, `work` is what the replicas do with it. */
export function createAuditing({ log, stores, clients, migration, replica, queue, post }: AuditingDeps): {
  readonly round: () => Promise<null>
  readonly work: AuditWork<PartitionPlan, PartitionAudit, About>
} {
  async function round(): Promise<null> {
    const { state, now } = await log.load()
    const { audit } = state
    if (!audit || (await queue.goesOn(audit.id))) return null
    // A canary keeps facts of its own; what is audited is the whole estate.
    const main = inFlow(state, 'main')
    const topics = audit.topic === null ? migration.topics : [audit.topic]
    const about = { by: audit.by.name, at: now }
    try {
      const plan = await planAudit(clients, migration, topics, (name) => stores.fact(main, name))
      await queue.begin(audit.id, plan.partitions, { ...about, topics: plan.topics })
    } catch (error) {
      if (now - audit.at < plannedWithinMs) throw error
      const why = `It could not be begun: ${error instanceof Error ? error.message : 'no answer'}`
      const unread = topics.map((topic) => ({ topic, partitions: 1 }))
      await queue.begin(audit.id, [], { ...about, topics: unread, failed: why })
    }
    return null
  }

  /** Recorded, then posted; done again where either fails. */
  async function done(
    found: readonly PartitionAudit[],
    notRead: readonly string[],
    { topics, by, at, failed: notBegun }: About,
    id: string,
  ): Promise<void> {
    const sorted = [...found].sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition)
    const partitions = sorted.map((one) => ({ ...one, differences: differenceLines(one) }))
    const skipped = topics.flatMap(({ topic, skipped }) => (skipped === undefined ? [] : [{ topic, why: skipped }]))
    const failed = [...(notBegun === undefined ? [] : [notBegun]), ...notRead]
    const result: AuditResult = { partitions, skipped, failed, by }
    const { state, now } = await log.load()
    if (state.audit?.id === id) {
      const known = readFact(auditFact, await stores.fact(inFlow(state, 'main'), 'audit'))
      const fact = withAudited(known, topics, sorted, { at, by })
      await stores.evidence.put(digest(fact), JSON.stringify(fact))
      const [text] = auditLines(result)
      const author = { kind: 'engine', replica } as const
      const outcome = await log.submit({ by: author, asOf: now, do: 'audited', audit: id, text, digest: digest(fact) })
      // Done again; a newer audit is seen by then.
      if ('refused' in outcome) throw new Error(`what the audit found was not recorded: ${outcome.refused}`)
    }
    await post(result, id)
  }

  const one = (plan: PartitionPlan) => auditPartition(clients, plan, { bytesPerSecond, now: () => performance.now() })
  return { round, work: { one, done } }
}
