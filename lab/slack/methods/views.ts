import { withIds } from '../blocks/ids.js'
import { refuse } from '../refusal.js'
import type { Slack } from '../slack.js'
import type { Shape, View } from '../types.js'
import { required, structure, text } from './args.js'

export function open(slack: Slack, args: Shape): Shape {
  const view = contentOf(slack, args, 'modal')
  return answer(slack, slack.views.open(slack.triggers.exchange(required(args, 'trigger_id')), view))
}

export function push(slack: Slack, args: Shape): Shape {
  const view = contentOf(slack, args, 'modal')
  return answer(slack, slack.views.push(slack.triggers.exchange(required(args, 'trigger_id')), view))
}

export function update(slack: Slack, args: Shape): Shape {
  const [id, external, hash] = [text(args, 'view_id'), text(args, 'external_id'), text(args, 'hash')]
  if (id === '' && external === '') refuse('invalid_arguments')
  const key = { ...(id === '' ? { external } : { id }), ...(hash === '' ? {} : { hash }) }
  return answer(slack, slack.views.update(key, contentOf(slack, args)))
}

export function publish(slack: Slack, args: Shape): Shape {
  const user = required(args, 'user_id')
  if (!slack.workspace.people.some(({ id }) => id === user)) refuse('user_not_found')
  return answer(slack, slack.views.publish(user, contentOf(slack, args, 'home'), text(args, 'hash') || undefined))
}

/** A view as the app gave it, checked, with every block and element named. */
export function checkedView(slack: Slack, view: unknown): Shape {
  const content = slack.rules.view(view)
  return { ...content, blocks: withIds((content.blocks ?? []) as readonly Shape[], slack.workspace.id) }
}

/** A view as Slack describes it to the app, with what the person has put in. */
export function describeView({ workspace }: Slack, { errors: _errors, ...view }: View, values: Shape = {}): Shape {
  return {
    ...view,
    team_id: workspace.team.id,
    app_id: workspace.app.id,
    app_installed_team_id: workspace.team.id,
    bot_id: workspace.bot.id,
    state: { values },
  }
}

function contentOf(slack: Slack, args: Shape, type?: View['type']): Shape {
  const view = checkedView(slack, structure(args, 'view', 'invalid_arguments'))
  if (type !== undefined && view.type !== type) {
    refuse('invalid_arguments', {
      response_metadata: { messages: [`[ERROR] must be of type ${type} [json-pointer:/view/type]`] },
    })
  }
  return view
}

function answer(slack: Slack, view: View): Shape {
  return { view: describeView(slack, view) }
}
