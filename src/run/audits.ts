import type { EngineCommand, PersonCommand, Refusal } from './commands.js'
import type { Event } from './events.js'
import type { State } from './state.js'
import { refuse } from './transitions.js'

/** Anyone may ask for an audit, since it changes nothing; but all share the rate at which clusters may be read, so there is one at a time. */
export function beginAudit(
  { audit, version }: State,
  { topic }: Extract<PersonCommand, { do: 'audit' }>,
): readonly Event[] | Refusal {
  if (audit)
    return refuse(
      'already',
      `${audit.by.name}’s audit of ${ofTopics(audit.topic)} is under way since ${utc(audit.at)}. What it finds is posted in the channel; ask again after that.`,
    )
  return [{ type: 'audit-begun', audit: `audit-${version + 1}`, topic }]
}

/** What came of it; of one that is over already, or is not known, nothing. */
export function audited(
  { audit }: State,
  { audit: id, text, digest }: Extract<EngineCommand, { do: 'audited' }>,
): readonly Event[] | Refusal {
  if (audit?.id !== id) return refuse('superseded', 'This audit is over.')
  return [{ type: 'audit-ended', audit: id, text, digest }]
}

export const ofTopics = (topic: string | null): string => topic ?? 'all topics'
const utc = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
