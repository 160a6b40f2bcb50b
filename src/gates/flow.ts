import type { App, Migration } from '../config/migration.js'

/** The apps that write what this app reads; an app that reads its own output is among them. */
export function writersOf(migration: Migration, app: App): readonly App[] {
  return migration.apps.filter((other) => other.produces.some((topic) => app.consumes.includes(topic)))
}

/**
 * The apps that feed each other in a circle with this one, itself included: a retry topic, or two apps that answer each other.
 * None of them can wait for another to be gone, so they go together, once all that feeds the circle is gone and all its groups are dry.
 */
export function cycleOf(migration: Migration, app: App): readonly App[] {
  const upstream = allWritersOf(migration, app)
  return migration.apps.filter(
    (other) => other.name === app.name || (upstream.has(other) && allWritersOf(migration, other).has(app)),
  )
}

/** Writers before their readers; what the file of the migration says otherwise stays in its order. */
export function inFlowOrder(migration: Migration, apps: readonly App[]): readonly App[] {
  const depth = (app: App) => allWritersOf(migration, app).size
  return [...apps].sort((a, b) => depth(a) - depth(b))
}

function allWritersOf(migration: Migration, app: App): ReadonlySet<App> {
  const found = new Set<App>()
  const visit = (reader: App): void => {
    for (const writer of writersOf(migration, reader)) {
      if (found.has(writer)) continue
      found.add(writer)
      visit(writer)
    }
  }
  visit(app)
  return found
}
