import type { Migration } from '../config/migration.js'

/** Who is asked about an app: the person named as its owner, or, where nobody is, everyone of a role. */
export type Asked = { readonly person: string } | { readonly role: string }

/** One answer about apps by name; a later one about the same app counts. */
export interface AppAnswer {
  readonly question: string
  /** The person's name. */
  readonly person: string
  readonly yes: boolean
  /** Left out: it speaks of no single app. */
  readonly apps?: readonly string[]
  readonly reason?: string
}

export interface Confirmations {
  readonly of: number
  readonly confirmed: number
  readonly refused: readonly { readonly app: string; readonly person: string; readonly reason: string }[]
  /** Who has not answered yet, and for which apps; most apps first. */
  readonly missing: readonly { readonly asked: Asked; readonly apps: readonly string[] }[]
}

/** The one who answers for the app, by the ids of Slack or of the cluster: names can be chosen by anybody. */
export function owns(migration: Migration, app: string, id: string): boolean {
  const owner = migration.apps.find(({ name }) => name === app)?.owner
  const person = migration.people.find(({ name }) => name === owner)
  return person !== undefined && (person.slack === id || person.cluster === id)
}

/** Every app for which this person may answer: the own ones, and with the role those that nobody owns. */
export function answersFor(
  migration: Migration,
  role: string,
  id: string,
  roles: readonly string[],
): readonly string[] {
  return migration.apps
    .filter(({ name, owner }) => (owner === undefined ? roles.includes(role) : owns(migration, name, id)))
    .map(({ name }) => name)
}

export function confirmations(
  migration: Migration,
  role: string,
  question: string,
  answers: readonly AppAnswer[],
): Confirmations {
  const newest = new Map<string, AppAnswer>()
  for (const answer of answers)
    if (answer.question === question) for (const app of answer.apps ?? []) newest.set(app, answer)
  const missing = new Map<string, { asked: Asked; apps: string[] }>()
  for (const { name, owner } of migration.apps) {
    if (newest.has(name)) continue
    const key = owner === undefined ? 'role' : `person ${owner}`
    const share = missing.get(key) ?? { asked: owner === undefined ? { role } : { person: owner }, apps: [] }
    share.apps.push(name)
    missing.set(key, share)
  }
  const heard = migration.apps.flatMap(({ name }) => {
    const answer = newest.get(name)
    return answer ? [{ app: name, ...answer }] : []
  })
  return {
    of: migration.apps.length,
    confirmed: heard.filter(({ yes }) => yes).length,
    refused: heard
      .filter(({ yes }) => !yes)
      .map(({ app, person, reason }) => ({ app, person, reason: reason ?? 'no reason given' })),
    missing: [...missing.values()].sort((a, b) => b.apps.length - a.apps.length),
  }
}
