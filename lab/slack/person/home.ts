import type { Delivery } from '../delivery/deliver.js'
import { resolveChannel } from '../messages.js'
import { describeView } from '../methods/views.js'
import type { Slack } from '../slack.js'
import { personOf } from './payloads.js'

/** Opens the app's home tab: the app hears `app_home_opened` and publishes what is to be seen. */
export async function openHome(slack: Slack, delivery: Delivery, asked: string): Promise<void> {
  const { team, app } = slack.workspace
  const user = personOf(slack, asked).id
  const view = slack.views.home(user)
  const at = slack.workspace.ts()
  const body = {
    token: 'deprecated',
    team_id: team.id,
    api_app_id: app.id,
    type: 'event_callback',
    event_id: slack.workspace.id('Ev'),
    event_time: Math.floor(slack.workspace.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: team.id,
        user_id: slack.workspace.bot.user,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    event: {
      type: 'app_home_opened',
      user,
      channel: resolveChannel(slack.workspace, user).id,
      tab: 'home',
      event_ts: at,
      ...(view === undefined ? {} : { view: describeView(slack, view) }),
    },
  }
  await delivery.send({ type: 'events_api', body, answerable: false })
}
