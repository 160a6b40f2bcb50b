import type { Slack } from '../slack.js'
import type { Shape } from '../types.js'
import { structure } from './args.js'
import * as chat from './chat.js'
import * as conversations from './conversations.js'
import * as files from './files.js'
import * as people from './people.js'
import * as views from './views.js'

type Method = (slack: Slack, args: Shape) => Shape

/** The Web API. To add a method: one function, one line here, and its scope in `scopes.ts`. */
export const methods: Readonly<Record<string, Method>> = {
  'api.test': (_slack, args) => ({ args }),
  'auth.test': people.authTest,
  'blocks.validate': validateBlocks,
  'bots.info': people.botsInfo,
  'chat.delete': chat.remove,
  'chat.getPermalink': chat.getPermalink,
  'chat.postEphemeral': chat.postEphemeral,
  'chat.postMessage': chat.postMessage,
  'chat.update': chat.update,
  'conversations.history': conversations.history,
  'conversations.info': conversations.info,
  'conversations.list': conversations.list,
  'conversations.members': conversations.members,
  'conversations.open': conversations.open,
  'conversations.replies': conversations.replies,
  'files.completeUploadExternal': files.completeUploadExternal,
  'files.delete': files.remove,
  'files.getUploadURLExternal': files.getUploadURLExternal,
  'files.info': files.info,
  'usergroups.list': people.usergroupsList,
  'usergroups.users.list': people.usergroupsUsersList,
  'users.info': people.usersInfo,
  'users.list': people.usersList,
  'views.open': views.open,
  'views.publish': views.publish,
  'views.push': views.push,
  'views.update': views.update,
}

/** Gone since 2025-11-12. */
export const retired: ReadonlySet<string> = new Set(['files.upload'])

function validateBlocks(slack: Slack, args: Shape): Shape {
  slack.rules.message(structure(args, 'blocks', 'invalid_blocks_format'))
  return {}
}
