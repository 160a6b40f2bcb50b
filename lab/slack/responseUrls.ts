import type { Workspace } from './workspace.js'

const uses = 5
const livesMs = 30 * 60_000

/** Where the interaction happened: what a `response_url` answers to. */
export interface Origin {
  readonly channel: string
  readonly user: string
  /** The message or ephemeral that was clicked; absent after a slash command. */
  readonly ts?: string
}

export interface ResponseUrls {
  issue(origin: Origin): string
  /** The origin, once more; or Slack's word for why not. */
  use(id: string): Origin | 'expired_url' | 'used_url'
}

export function createResponseUrls(workspace: Workspace, base: () => string): ResponseUrls {
  const issued = new Map<string, { origin: Origin; until: number; left: number }>()
  return {
    issue(origin) {
      const id = workspace.id('R')
      issued.set(id, { origin, until: workspace.now() + livesMs, left: uses })
      return `${base()}/actions/${workspace.team.id}/${id}`
    },
    use(id) {
      const found = issued.get(id)
      if (found === undefined || found.until < workspace.now()) return 'expired_url'
      if (found.left === 0) return 'used_url'
      found.left -= 1
      return found.origin
    },
  }
}
