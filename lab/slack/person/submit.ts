import { isShape } from '../blocks/check.js'
import type { Delivery } from '../delivery/deliver.js'
import { checkedView, describeView } from '../methods/views.js'
import { Refusal, refuse } from '../refusal.js'
import type { Slack } from '../slack.js'
import type { Shape, View } from '../types.js'
import { envelopeOf, personOf } from './payloads.js'
import { type Entered, missingIn, valuesOf } from './values.js'

const noAnswer = 'We had some trouble connecting. Try again?'

/** Sends a modal off, and does with it what the app answers. Returns what is wrong with it, by block_id. */
export async function submitView(
  slack: Slack,
  delivery: Delivery,
  viewId: string,
  asked: string,
  entered: Entered,
): Promise<Readonly<Record<string, string>>> {
  const user = personOf(slack, asked).id
  const view = topmost(slack, viewId, user)
  const missing = missingIn(view.blocks, entered)
  slack.views.showErrors(view.id, missing)
  if (Object.keys(missing).length > 0) return missing
  const body = {
    type: 'view_submission',
    ...envelopeOf(slack, user),
    view: describeView(slack, view, valuesOf(view.blocks, entered)),
    response_urls: [],
  }
  const delivered = await delivery.send({ type: 'interactive', body, answerable: true })
  if (!delivered.ok) return fail(slack, view)
  try {
    return follow(slack, user, view, isShape(delivered.answer) ? delivered.answer : {})
  } catch (error) {
    // Slack shows the person the same words whether the app was silent or answered with a view that is not one.
    if (error instanceof Refusal) {
      slack.tally.refused('view_submission', error.error, [])
      return fail(slack, view)
    }
    throw error
  }
}

/** Closes the topmost modal by its Cancel, or all of them by the cross. */
export async function closeView(
  slack: Slack,
  delivery: Delivery,
  viewId: string,
  asked: string,
  all: boolean,
): Promise<void> {
  const user = personOf(slack, asked).id
  const view = topmost(slack, viewId, user)
  const cleared = all || view.clear_on_close
  slack.views.close(user, cleared)
  if (!view.notify_on_close) return
  const body = { type: 'view_closed', ...envelopeOf(slack, user), view: describeView(slack, view), is_cleared: cleared }
  await delivery.send({ type: 'interactive', body, answerable: false })
}

function topmost(slack: Slack, viewId: string, user: string): View {
  const top = slack.views.stack(user).at(-1)
  return top?.id === viewId ? top : refuse('not_found')
}

function fail(slack: Slack, view: View): Readonly<Record<string, string>> {
  const errors = { '': noAnswer }
  slack.views.showErrors(view.id, errors)
  return errors
}

function follow(slack: Slack, user: string, view: View, answer: Shape): Readonly<Record<string, string>> {
  switch (answer.response_action) {
    case 'errors': {
      const errors = isShape(answer.errors)
        ? Object.fromEntries(Object.entries(answer.errors).map(([block, words]) => [block, String(words)]))
        : {}
      const inputs = view.blocks.filter(({ type }) => type === 'input').map(({ block_id }) => block_id)
      if (!Object.keys(errors).every((block) => inputs.includes(block))) refuse('invalid_response_action')
      slack.views.showErrors(view.id, errors)
      return errors
    }
    case 'update':
      slack.views.update({ id: view.id }, checkedView(slack, answer.view))
      return {}
    case 'push':
      slack.views.push(user, checkedView(slack, answer.view))
      return {}
    default:
      // The app may have updated or closed it meanwhile; only what was submitted goes away.
      slack.views.close(user, answer.response_action === 'clear')
      return {}
  }
}
