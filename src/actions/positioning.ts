import type { Side } from '../config/migration.js'
import type { GroupState, Offsets } from '../connect/kafka/types.js'
import { changes, ofTopics, partitionName } from '../proof/offsets.js'
import { Refusal } from './refusal.js'

/** What setting the offsets of groups may touch, on either side. */
export interface Positioning {
  committed(groups: readonly string[]): Promise<ReadonlyMap<string, Offsets>>
  describe(groups: readonly string[]): Promise<readonly GroupState[]>
  commit(group: string, offsets: Offsets): Promise<void>
}

/** Commits for a group without members and reads back; `where` names the place for people. */
export async function commitAndReadBack(
  kafka: Positioning,
  { side, group, where }: { side: Side; group: string; where: string },
  wanted: Offsets,
): Promise<void> {
  const [state] = await kafka.describe([group])
  if (state && (state.life === 'live' || state.life === 'unknown'))
    throw new Refusal(
      'group-live',
      `Group ${group} on the ${side} is ${state.state}${membersOf(state)}: stop its consumers, then go on`,
    )
  await kafka.commit(group, wanted)
  const found = ofTopics((await kafka.committed([group])).get(group) ?? new Map(), wanted.keys())
  const [different] = changes(wanted, found)
  if (different)
    throw new Refusal(
      'not-held',
      `${group} was set to ${where} but stands at ${different.to} on ${partitionName(different)}: something else commits for it. Find and stop it`,
    )
}

function membersOf({ members }: GroupState): string {
  return members.length > 0
    ? ` with ${members.length} members (${members
        .slice(0, 3)
        .map(({ clientId, host }) => `${clientId} at ${host}`)
        .join(', ')})`
    : ''
}
