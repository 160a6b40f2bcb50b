import { refuse } from '../refusal.js'
import type { Slack } from '../slack.js'
import type { Person, Shape } from '../types.js'
import { flag, required } from './args.js'

export function authTest({ workspace: { team, bot }, base }: Slack): Shape {
  return {
    url: `${base()}/`,
    team: team.name,
    user: bot.name,
    team_id: team.id,
    user_id: bot.user,
    bot_id: bot.id,
    is_enterprise_install: false,
  }
}

export function usersInfo(slack: Slack, args: Shape): Shape {
  return { user: users(slack).find(({ id }) => id === required(args, 'user')) ?? refuse('user_not_found') }
}

export function usersList(slack: Slack): Shape {
  return { members: users(slack), response_metadata: { next_cursor: '' } }
}

export function botsInfo({ workspace: { app, bot } }: Slack): Shape {
  return { bot: { id: bot.id, app_id: app.id, user_id: bot.user, name: bot.name, deleted: false } }
}

export function usergroupsList({ workspace: { groups, team } }: Slack, args: Shape): Shape {
  const withUsers = flag(args, 'include_users')
  return {
    usergroups: groups.map(({ id, handle, users }) => ({
      id,
      handle,
      name: handle,
      team_id: team.id,
      is_usergroup: true,
      date_delete: 0,
      user_count: users.length,
      ...(withUsers ? { users } : {}),
    })),
  }
}

export function usergroupsUsersList({ workspace: { groups } }: Slack, args: Shape): Shape {
  const group = groups.find(({ id }) => id === required(args, 'usergroup')) ?? refuse('no_such_subteam')
  return { users: group.users }
}

function users({ workspace }: Slack): { readonly id: string; readonly name: string }[] {
  const describe = ({ id, name }: Person, isBot: boolean) => ({
    id,
    team_id: workspace.team.id,
    name: handleOf(name),
    real_name: name,
    deleted: false,
    is_bot: isBot,
    tz: 'Etc/UTC',
    profile: { real_name: name, display_name: name },
  })
  const bot: Person = { id: workspace.bot.user, name: workspace.bot.name, groups: [] }
  return [...workspace.people.map((person) => describe(person, false)), describe(bot, true)]
}

export function handleOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')
}
