import type { Delivery } from '../delivery/deliver.js'
import { channelById, withThread } from '../messages.js'
import { describeView } from '../methods/views.js'
import { refuse } from '../refusal.js'
import type { Slack } from '../slack.js'
import type { Shape } from '../types.js'
import { findElement, type Given, stateOf } from './elements.js'
import { noticeUnanswered } from './notice.js'
import { channelOf, envelopeOf, personOf } from './payloads.js'
import { type Entered, valuesOf } from './values.js'

export interface Click {
  readonly user: string
  readonly action_id: string
  readonly block_id?: string | undefined
  readonly value: Given
  readonly entered: Entered
}

/** When Slack sent the click on its way, in seconds. */
export interface Sent {
  readonly action_ts: string
}

/** Uses an element of a message in a channel, or of an ephemeral that this person sees. */
export async function clickMessage(
  slack: Slack,
  delivery: Delivery,
  place: { channel: string; ts: string },
  click: Click,
): Promise<Sent> {
  const person = personOf(slack, click.user)
  const channel = channelById(slack.workspace, place.channel)
  const isEphemeral = slack.ephemerals.has(place.ts)
  const found = isEphemeral ? slack.ephemerals.find(place.ts) : slack.messages.find(channel.id, place.ts)
  if ('to' in found && found.to !== person.id) refuse('message_not_found')
  const blocks = found.blocks ?? []
  const origin = { channel: channel.id, user: person.id, ts: place.ts }
  const thread = found.thread_ts === undefined ? {} : { thread_ts: found.thread_ts }
  return act(slack, delivery, channel.id, blocks, click, {
    container: { type: 'message', message_ts: place.ts, channel_id: channel.id, is_ephemeral: isEphemeral, ...thread },
    channel: channelOf(channel),
    response_url: slack.responseUrls.issue(origin),
    state: { values: valuesOf(blocks, click.entered) },
    ...(isEphemeral
      ? {}
      : { message: withThread(slack.messages.find(channel.id, place.ts), slack.messages.list(channel.id)) }),
  })
}

/** Uses an element of a modal or of the app's home. */
export async function clickView(slack: Slack, delivery: Delivery, viewId: string, click: Click): Promise<Sent> {
  const { view, user } = slack.views.find(viewId)
  if (user !== personOf(slack, click.user).id) refuse('not_found')
  const values = valuesOf(view.blocks, click.entered)
  const [channel] = slack.workspace.channels.keys()
  return act(slack, delivery, channel ?? '', view.blocks, click, {
    container: { type: 'view', view_id: view.id },
    view: describeView(slack, view, values),
  })
}

async function act(
  slack: Slack,
  delivery: Delivery,
  channel: string,
  blocks: readonly Shape[],
  click: Click,
  place: Shape,
): Promise<Sent> {
  const { block, element } = findElement(blocks, click.action_id, click.block_id)
  const person = personOf(slack, click.user)
  const action = {
    action_id: element.action_id,
    block_id: block.block_id,
    ...stateOf(element, click.value),
    action_ts: slack.workspace.ts(),
  }
  const body = { type: 'block_actions', ...envelopeOf(slack, person.id), ...place, actions: [action] }
  const delivered = await delivery.send({ type: 'interactive', body, answerable: false })
  noticeUnanswered(slack, person.id, channel, delivered, 'Your click')
  return { action_ts: action.action_ts }
}
