import type { Connections } from './connections.js'
import { createCoordinators } from './coordinators.js'
import { answered, isPassing, KafkaError, protocolError } from './errors.js'
import type { Metadata } from './metadata.js'
import { describeConsumerGroups, describeGroups, listGroups } from './requests/groups.js'
import { commitOffsets, fetchCommitted } from './requests/offsets.js'
import type { GroupState, ListedGroup, Offsets } from './types.js'

export interface Groups {
  /** Of every topic that the group has commits for, those it left included; stable offsets from Kafka 2.5 on. */
  committed(groups: readonly string[]): Promise<ReadonlyMap<string, Offsets>>
  describe(groups: readonly string[]): Promise<readonly GroupState[]>
  /** Every group of the cluster: consumers, and whatever else uses groups, such as Connect workers. */
  listed(): Promise<readonly ListedGroup[]>
  /** Writes commits of a group without members; one with members is refused with code `group-live`. */
  commit(group: string, offsets: Offsets): Promise<void>
}

const listGroupsKey = 16
const offsetFetchKey = 9
const offsetCommitKey = 8
const describeGroupsKey = 15
const describeConsumerGroupsKey = 69

export function createGroups(
  connections: Connections,
  metadata: Metadata,
  withinMs: number,
  now: () => number,
): Groups {
  const coordinators = createCoordinators(connections, metadata, withinMs, now)

  return {
    async committed(groups) {
      const answers = await coordinators.ask(groups, offsetFetchKey, fetchCommitted, ({ error, partitionErrors }) =>
        error ? [error] : partitionErrors.map((one) => one.error),
      )
      return new Map([...answers].map(([group, { offsets }]) => [group, offsets]))
    },

    async describe(groups) {
      const [listed, answers] = await Promise.all([
        list(),
        coordinators.ask(
          groups,
          describeGroupsKey,
          (of) => [describeGroups(of)],
          ({ error }) => [error],
        ),
      ])
      // One more request, and only where such groups are: their members are not in the classic answer.
      const modern = await coordinators.ask(
        groups.filter((group) => listed.get(group)?.type?.toLowerCase() === 'consumer'),
        describeConsumerGroupsKey,
        (of) => [describeConsumerGroups(of)],
        // Gone since it was listed, or subscribed to a topic that the bot may not see: then the list alone tells.
        ({ error }) => [isPassing(error) ? error : 0],
      )
      return groups.map((group) => {
        const described = [modern.get(group), answers.get(group)].find(
          (one) => one && one.error === 0 && one.state !== 'Dead',
        )
        const known = listed.get(group)
        const state = described?.state ?? known?.state ?? 'Dead'
        return { group, state, members: described?.members ?? [], life: lifeOf(state, known) }
      })
    },

    listed: async () => [...(await list()).values()],

    async commit(group, offsets) {
      const answers = await coordinators.ask(
        [group],
        offsetCommitKey,
        () => [commitOffsets(group, offsets)],
        ({ partitions }) =>
          partitions.map(({ error }) => error).filter((error) => error !== protocolError.unknownMemberId),
      )
      if (answers.get(group)?.partitions.some(({ error }) => error === protocolError.unknownMemberId))
        throw new KafkaError(
          'group-live',
          `Group ${group} has live members, so its offsets cannot be set. Stop its consumers first`,
        )
    },
  }

  /** Every group of the cluster: each broker knows those it coordinates. */
  async function list(): Promise<ReadonlyMap<string, ListedGroup>> {
    const { brokers } = await metadata.of([], 0)
    const answers = await Promise.all(
      [...brokers.values()].map(async (address) => {
        const { error, groups } = await connections.send(
          address,
          listGroups(await connections.newest(address, listGroupsKey)),
        )
        if (isPassing(error))
          throw new KafkaError(
            'not-coordinated',
            `Broker ${address} is still loading its groups. Look again in a moment`,
          )
        if (error) throw answered(error, `Listing the groups of ${address}`)
        return groups
      }),
    )
    return new Map(answers.flat().map((one) => [one.group, one]))
  }
}

function lifeOf(state: string, listed: ListedGroup | undefined): GroupState['life'] {
  if (!listed) return state === 'Dead' ? 'absent' : lifeIn(state)
  // Share and streams groups (and whatever comes next) have members that a consumer group's rules do not cover.
  if (listed.type !== undefined && !['classic', 'consumer'].includes(listed.type.toLowerCase())) return 'unknown'
  return lifeIn(state)
}

function lifeIn(state: string): GroupState['life'] {
  if (state === 'Empty') return 'empty'
  return state === 'Dead' || state === 'Unknown' ? 'unknown' : 'live'
}
