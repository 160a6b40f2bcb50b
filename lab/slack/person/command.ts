import { isShape } from '../blocks/check.js'
import type { Delivery } from '../delivery/deliver.js'
import { resolveChannel } from '../messages.js'
import { handleOf } from '../methods/people.js'
import { refuse } from '../refusal.js'
import type { Slack } from '../slack.js'
import { noticeUnanswered } from './notice.js'
import { personOf } from './payloads.js'
import { respond } from './respond.js'

/** Types a line into the composer: a slash command goes to the app, anything else is said in the channel. */
export async function typeLine(
  slack: Slack,
  delivery: Delivery,
  line: { user: string; channel: string; text: string; thread?: string },
): Promise<void> {
  const person = personOf(slack, line.user)
  const channel = resolveChannel(slack.workspace, line.channel)
  const [command = '', ...words] = line.text.trim().split(' ')
  if (!command.startsWith('/')) {
    slack.messages.post(channel.id, {
      user: person.id,
      text: line.text,
      ...(line.thread ? { thread_ts: line.thread } : {}),
    })
    return
  }
  if (!slack.workspace.commands.some((known) => known.command === command)) {
    slack.ephemerals.show({
      user: 'USLACKBOT',
      text: `${command} is not a valid command.`,
      channel: channel.id,
      to: person.id,
    })
    return
  }
  if (line.thread) refuse('command_in_thread')
  const { team, app } = slack.workspace
  const origin = { channel: channel.id, user: person.id }
  const body = {
    token: 'deprecated',
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.user === undefined ? channel.name : 'directmessage',
    user_id: person.id,
    user_name: handleOf(person.name),
    command,
    text: words.join(' '),
    api_app_id: app.id,
    is_enterprise_install: 'false',
    response_url: slack.responseUrls.issue(origin),
    trigger_id: slack.triggers.issue(person.id),
  }
  const delivered = await delivery.send({ type: 'slash_commands', body, answerable: true })
  noticeUnanswered(slack, person.id, channel.id, delivered, command)
  if (delivered.ok && isShape(delivered.answer) && (delivered.answer.text || delivered.answer.blocks))
    respond(slack, origin, delivered.answer)
}
