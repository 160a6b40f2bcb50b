/** The part of an app's description that says what it reads. */
export interface ReadingApp {
  readonly name: string
  readonly tier: string
  readonly group?: string | undefined
  readonly consumes: readonly string[]
  readonly settle: number
  readonly isolation?: 'read_committed' | 'read_uncommitted' | undefined
  readonly commits?: 'after-processing' | 'auto' | undefined
}

/** A group with all that its apps say of it. */
export interface ReadingGroup {
  readonly group: string
  readonly apps: readonly string[]
  readonly topics: readonly string[]
  /** The longest of its apps. */
  readonly settleMs: number
  /** One of its apps commits by itself: what is committed may not be processed. */
  readonly autoCommits: boolean
  /** Undefined unless all of its apps agree. */
  readonly isolation: 'read_committed' | 'read_uncommitted' | undefined
}

/** Each group once, however many apps share it. */
export function groupsOf(apps: readonly ReadingApp[]): readonly ReadingGroup[] {
  const byGroup = new Map<string, ReadingApp[]>()
  for (const app of apps) if (app.group) byGroup.set(app.group, [...(byGroup.get(app.group) ?? []), app])
  return [...byGroup].map(([group, members]) => {
    const [isolation, ...others] = new Set(members.map((app) => app.isolation))
    return {
      group,
      apps: members.map(({ name }) => name),
      topics: [...new Set(members.flatMap((app) => app.consumes))],
      settleMs: Math.max(...members.map((app) => app.settle)),
      autoCommits: members.some((app) => app.commits === 'auto'),
      isolation: others.length === 0 ? isolation : undefined,
    }
  })
}
