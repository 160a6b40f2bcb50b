import { refuse } from './refusal.js'
import type { Shape, View } from './types.js'
import type { Workspace } from './workspace.js'

/** Slack stacks three modals and no more. */
const stackLimit = 3

/** What each person has open: a stack of modals, the topmost last, and the app's home tab. */
export interface Views {
  open(user: string, content: Shape): View
  push(user: string, content: Shape): View
  update(key: { readonly id?: string; readonly external?: string; readonly hash?: string }, content: Shape): View
  publish(user: string, content: Shape, hash?: string): View
  /** Takes the topmost modal away, or all of them. */
  close(user: string, all: boolean): void
  showErrors(id: string, errors: Readonly<Record<string, string>>): void
  stack(user: string): readonly View[]
  find(id: string): { readonly view: View; readonly user: string }
  home(user: string): View | undefined
  all(): { readonly views: Record<string, readonly View[]>; readonly homes: Record<string, View> }
}

export function createViews(workspace: Workspace): Views {
  const stacks = new Map<string, View[]>()
  const homes = new Map<string, View>()
  const stack = (user: string): View[] => stacks.get(user) ?? []
  const hash = (): string => `${workspace.ts().split('.')[0]}.${workspace.id('').toLowerCase()}`
  const hold = (user: string, views: View[]): void => {
    stacks.set(user, views)
    workspace.changed()
  }
  const find = (matches: (view: View) => boolean): { view: View; user: string } => {
    for (const [user, views] of stacks) for (const view of views) if (matches(view)) return { view, user }
    for (const [user, view] of homes) if (matches(view)) return { view, user }
    return refuse('not_found')
  }
  const swap = (user: string, old: View, next: View): View => {
    if (old.type === 'home') homes.set(user, next)
    else
      stacks.set(
        user,
        stack(user).map((view) => (view.id === old.id ? next : view)),
      )
    workspace.changed()
    return next
  }
  return {
    open(user, content) {
      const id = workspace.id('V')
      const view = viewOf(content, { id, hash: hash(), root_view_id: id, previous_view_id: null })
      hold(user, [view])
      return view
    },
    push(user, content) {
      const below = stack(user)
      const top = below.at(-1)
      if (top === undefined) return refuse('not_found')
      if (below.length >= stackLimit) refuse('push_limit_reached')
      const view = viewOf(content, {
        id: workspace.id('V'),
        hash: hash(),
        root_view_id: top.root_view_id,
        previous_view_id: top.id,
      })
      hold(user, [...below, view])
      return view
    },
    update(key, content) {
      const { view, user } = find(({ id, external_id }) =>
        key.id === undefined ? external_id === key.external && external_id !== '' : id === key.id,
      )
      if (key.hash !== undefined && key.hash !== view.hash) refuse('hash_conflict')
      return swap(user, view, viewOf(content, { ...view, hash: hash() }))
    },
    publish(user, content, asked) {
      const old = homes.get(user)
      if (asked !== undefined && old !== undefined && asked !== old.hash) refuse('hash_conflict')
      const id = old?.id ?? workspace.id('V')
      const view = viewOf(content, { id, hash: hash(), root_view_id: id, previous_view_id: null })
      homes.set(user, view)
      workspace.changed()
      return view
    },
    close: (user, all) => hold(user, all ? [] : stack(user).slice(0, -1)),
    showErrors(id, errors) {
      const { view, user } = find((one) => one.id === id)
      swap(user, view, { ...view, errors })
    },
    stack,
    find: (id) => find((view) => view.id === id),
    home: (user) => homes.get(user),
    all: () => ({ views: Object.fromEntries(stacks), homes: Object.fromEntries(homes) }),
  }
}

type Place = Pick<View, 'id' | 'hash' | 'root_view_id' | 'previous_view_id'>

function viewOf(content: Shape, place: Place): View {
  const text = (key: string): string => (typeof content[key] === 'string' ? content[key] : '')
  const part = (key: 'title' | 'submit' | 'close'): Shape => (content[key] ? { [key]: content[key] } : {})
  return {
    id: place.id,
    hash: place.hash,
    root_view_id: place.root_view_id,
    previous_view_id: place.previous_view_id,
    type: content.type === 'home' ? 'home' : 'modal',
    ...part('title'),
    ...part('submit'),
    ...part('close'),
    blocks: Array.isArray(content.blocks) ? content.blocks : [],
    private_metadata: text('private_metadata'),
    callback_id: text('callback_id'),
    external_id: text('external_id'),
    clear_on_close: content.clear_on_close === true,
    notify_on_close: content.notify_on_close === true,
    errors: {},
  }
}
