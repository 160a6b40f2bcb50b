import type { Delivery } from '../delivery/deliver.js'
import type { Sockets } from '../delivery/sockets.js'
import type { Slack } from '../slack.js'
import type { LabState } from '../types.js'

export function snapshotOf(slack: Slack, sockets: Sockets, delivery: Delivery): LabState {
  const { workspace } = slack
  const { id, name } = workspace.team
  return {
    version: workspace.version(),
    team: { id, name },
    bot: workspace.bot,
    people: workspace.people,
    groups: workspace.groups,
    channels: [...workspace.channels.values()].map((channel) => ({
      ...channel,
      messages: slack.messages.list(channel.id),
    })),
    ephemerals: slack.ephemerals.list(),
    ...slack.views.all(),
    files: slack.files.list(),
    commands: workspace.commands,
    connections: sockets.count(),
    calls: slack.tally.calls(),
    refusals: slack.tally.refusals(),
    deliveries: delivery.count(),
  }
}
