import type { Migration } from '../config/migration.js'

/** The roles a person is in, and, where a user group could not be read, why they may be fewer than they should. */
export interface Membership {
  readonly roles: readonly string[]
  /** Sentences; empty when every group could be read. */
  readonly unreadable: readonly string[]
}

export interface Roles {
  /** At most a minute old. */
  of(user: string): Promise<Membership>
  /** Read once more, for the moment at which approvals are about to act. */
  fresh(users: readonly string[]): Promise<ReadonlyMap<string, Membership>>
}

export interface RolesDeps {
  /** Slack ids of a user group's people; throws with Slack's reason. Takes its id (`S…`) or its handle. */
  readonly people: (group: string) => Promise<readonly string[]>
  readonly now: () => number
}

const keptMs = 60_000
const withinMs = 1500

/** A group that cannot be read makes nobody a member of anything: who is listed by name still is. */
export function createRoles({ people, now }: RolesDeps, migration: Migration): Roles {
  const kept = new Map<string, { readonly at: number; readonly people: readonly string[] }>()
  const groups = [...new Set(Object.values(migration.roles).flatMap((role) => role.groups))]

  const read = async (
    group: string,
    oldestMs: number,
  ): Promise<{ group: string; people: readonly string[]; why?: string }> => {
    const known = kept.get(group)
    if (known && now() - known.at < oldestMs) return { group, people: known.people }
    try {
      const found = await inTime(people(group))
      kept.set(group, { at: now(), people: found })
      return { group, people: found }
    } catch (error) {
      return { group, people: [], why: error instanceof Error ? error.message : 'no answer' }
    }
  }
  const membership = async (oldestMs: number): Promise<(user: string) => Membership> => {
    const looked = await Promise.all(groups.map((group) => read(group, oldestMs)))
    const members = new Map(looked.map((one) => [one.group, one.people]))
    const unreadable = looked.flatMap(({ group, why }) =>
      why
        ? [
            `The user group ${group} could not be read (${why}): nobody counts as a member of it now. List people in migration.yaml to do without it.`,
          ]
        : [],
    )
    return (user) => ({ roles: rolesOf(migration, user, members), unreadable })
  }
  return {
    of: async (user) => (await membership(keptMs))(user),
    fresh: async (users) => {
      const of = await membership(0)
      return new Map(users.map((user) => [user, of(user)]))
    },
  }
}

/** Roles by the people and groups of migration.yaml; `id` is a Slack id or the cluster's name of a person. */
export function rolesOf(
  migration: Migration,
  id: string,
  members: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const person = migration.people.find(({ slack, cluster }) => slack === id || cluster === id)
  const slack = person?.slack ?? id
  return Object.entries(migration.roles)
    .filter(
      ([, role]) =>
        (person && role.people.includes(person.name)) ||
        role.groups.some((group) => members.get(group)?.includes(slack)),
    )
    .map(([role]) => role)
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${withinMs} ms`)), withinMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
