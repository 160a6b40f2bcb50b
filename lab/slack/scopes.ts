import { refuse } from './refusal.js'

/** What each method asks of a bot token, from Slack's reference; any one of several is enough. No entry: nothing. */
const needed: Readonly<Record<string, readonly string[]>> = {
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.delete': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.getPermalink': [],
  'conversations.history': ['channels:history'],
  'conversations.replies': ['channels:history'],
  'conversations.info': ['channels:read'],
  'conversations.list': ['channels:read'],
  'conversations.members': ['channels:read'],
  'conversations.open': ['im:write'],
  'files.getUploadURLExternal': ['files:write'],
  'files.completeUploadExternal': ['files:write'],
  'files.delete': ['files:write'],
  'files.info': ['files:read'],
  'usergroups.list': ['usergroups:read'],
  'usergroups.users.list': ['usergroups:read'],
  'users.info': ['users:read'],
  'users.list': ['users:read'],
  'bots.info': ['users:read'],
}

/** Scopes of the app's bot token; a test takes one away to see what the app does without it. */
export interface Scopes {
  require(method: string): void
  granted(): readonly string[]
  remove(scopes: readonly string[]): void
  restore(): void
}

export function createScopes(): Scopes {
  const all = [...new Set([...Object.values(needed).flat(), 'commands'])]
  let granted = all
  return {
    require(method) {
      const any = needed[method] ?? []
      if (any.length > 0 && !any.some((scope) => granted.includes(scope))) {
        refuse('missing_scope', { needed: any.join(','), provided: granted.join(',') })
      }
    },
    granted: () => granted,
    remove(scopes) {
      granted = granted.filter((scope) => !scopes.includes(scope))
    },
    restore() {
      granted = all
    },
  }
}
