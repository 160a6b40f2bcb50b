import { post, readState } from './lab.js'
import type { Sent } from './person/click.js'
import type { Ephemeral, LabState, Message, View } from './types.js'

/** What one person does at the page, and sees there. */
export interface SlackPerson {
  readonly user: string
  command(text: string): Promise<void>
  /** Uses a button, a select (with `value`), or an input of a message. */
  click(message: Seen | string, actionId: string, value?: string | readonly string[]): Promise<Sent>
  clickView(view: View, actionId: string, value?: string | readonly string[]): Promise<void>
  /** Values by block_id or action_id. Resolves to what is wrong with them, by block_id; empty when the modal was taken. */
  submit(
    view: View,
    values: Readonly<Record<string, string | readonly string[] | null>>,
  ): Promise<Readonly<Record<string, string>>>
  close(view: View): Promise<void>
  openHome(): Promise<void>
  state(): Promise<LabState>
  /** The newest message or ephemeral that this person can see and that the predicate takes, as soon as there is one. */
  waitForMessage(predicate: (message: Seen) => boolean, withinMs?: number): Promise<Seen>
  waitForView(predicate?: (view: View) => boolean, withinMs?: number): Promise<View>
  waitFor<T>(find: (state: LabState) => T | undefined, withinMs?: number): Promise<T>
}

/** A message as this person sees it; `channel` says where, `to` marks what only this person sees. */
export type Seen = (Message | Ephemeral) & { readonly channel: string; readonly to?: string }

const patienceMs = 10_000

export function createSlackPerson(page: string, user: string): SlackPerson {
  const act = (path: string, body: object) => post(page, path, { user, ...body })
  const waitFor: SlackPerson['waitFor'] = async (find, withinMs = patienceMs) => {
    const until = Date.now() + withinMs
    let version = -1
    for (;;) {
      const state = await readState(page, version, Math.max(1, until - Date.now()))
      const found = find(state)
      if (found !== undefined) return found
      if (Date.now() >= until)
        throw new Error(`SLACK_NOT_SEEN: ${user} did not see it within ${withinMs} ms. ${lastSeen(state, user)}`)
      version = state.version
    }
  }
  return {
    user,
    async command(text) {
      const [channel] = (await readState(page)).channels
      await act('command', { channel: channel?.id, text })
    },
    async click(message, actionId, value) {
      const seen =
        typeof message === 'string'
          ? messagesFor(await readState(page), user).find(({ ts }) => ts === message)
          : message
      if (seen === undefined) throw new Error(`SLACK_NOT_SEEN: ${user} sees no message ${String(message)}`)
      return (await act('click', {
        channel: seen.channel,
        ts: seen.ts,
        action_id: actionId,
        ...(value === undefined ? {} : { value }),
      })) as Sent
    },
    clickView: async (view, actionId, value) =>
      void (await act('click', { view_id: view.id, action_id: actionId, ...(value === undefined ? {} : { value }) })),
    submit: async (view, values) =>
      ((await act('submit', { view_id: view.id, values })) as { errors: Record<string, string> }).errors,
    close: async (view) => void (await act('close', { view_id: view.id })),
    openHome: async () => void (await act('home', {})),
    state: () => readState(page),
    waitFor,
    waitForMessage: (predicate, withinMs) => waitFor((state) => messagesFor(state, user).findLast(predicate), withinMs),
    waitForView: (predicate = () => true, withinMs) =>
      waitFor((state) => {
        const top = state.views[user]?.at(-1)
        return top !== undefined && predicate(top) ? top : undefined
      }, withinMs),
  }
}

/** Everything in the state that this person may see, oldest first. */
function messagesFor(state: LabState, user: string): readonly Seen[] {
  const open = state.channels.filter((channel) => channel.user === undefined || channel.user === user)
  const said: Seen[] = open.flatMap((channel) =>
    channel.messages.map((message) => ({ ...message, channel: channel.id })),
  )
  const whispered: Seen[] = state.ephemerals.filter(({ to }) => to === user)
  return [...said, ...whispered].sort((a, b) => Number(a.ts) - Number(b.ts))
}

function lastSeen(state: LabState, user: string): string {
  const texts = messagesFor(state, user)
    .slice(-3)
    .map(({ text }) => JSON.stringify(text.slice(0, 120)))
  return texts.length === 0 ? 'There are no messages.' : `Last messages: ${texts.join(', ')}`
}
