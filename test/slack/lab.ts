import { createSlackPerson } from '../../lab/slack/client.js'
import type { Fault } from '../../lab/slack/faults.js'
import { startSlack } from '../../lab/slack/index.js'
import type { LabState } from '../../lab/slack/types.js'
import type { ShownStore } from '../../src/slack/announce/shown.js'
import { createWeb } from '../../src/slack/announce/web.js'

/** The stand-in for Slack, with what a test may do to it. */
export async function startLab() {
  const { description, stop } = await startSlack()
  const control = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${description.page}/lab/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const answer = (await response.json()) as { ok: boolean }
    if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`)
  }
  const webOf = (now: () => number) => createWeb({ botToken: description.botToken, apiUrl: description.api }, now)
  const state = async (): Promise<LabState> =>
    (await fetch(`${description.page}/lab/state`)).json() as Promise<LabState>
  return {
    description,
    stop,
    state,
    control,
    fault: (fault: Fault) => control('faults', fault),
    person: (user: string) => createSlackPerson(description.page, user),
    web: webOf(Date.now),
    webOf,
    messages: async () => (await state()).channels.find(({ id }) => id === description.channel)?.messages ?? [],
  }
}

/** The hash of `shown`, as two bots would share it. */
export function createShownMap(): ShownStore & { readonly fields: Map<string, string> } {
  const fields = new Map<string, string>()
  return {
    fields,
    all: async () => new Map(fields),
    swap: async (field, was, next) => {
      if ((fields.get(field) ?? null) !== was) return false
      if (next === null) fields.delete(field)
      else fields.set(field, next)
      return true
    },
  }
}
