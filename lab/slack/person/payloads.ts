import { handleOf } from '../methods/people.js'
import { refuse } from '../refusal.js'
import type { Slack } from '../slack.js'
import type { Channel, Person, Shape } from '../types.js'

/** What every interaction's payload says about who, where and for whom. */
export function envelopeOf(slack: Slack, user: string): Shape {
  const { team, app } = slack.workspace
  const person = personOf(slack, user)
  return {
    team: { id: team.id, domain: team.domain },
    user: { id: person.id, username: handleOf(person.name), name: handleOf(person.name), team_id: team.id },
    api_app_id: app.id,
    token: 'deprecated',
    enterprise: null,
    is_enterprise_install: false,
    trigger_id: slack.triggers.issue(user),
  }
}

export function personOf({ workspace }: Slack, user: string): Person {
  return workspace.people.find(({ id, name }) => id === user || name === user) ?? refuse('user_not_found')
}

export function channelOf({ id, name, user }: Channel): Shape {
  return { id, name: user === undefined ? name : 'directmessage' }
}
