import type { Channel, Ephemeral, LabState, Message } from '../types.js'

export type Shown = (Message | Ephemeral) & { readonly to?: string }

/** A channel's messages with what only this person sees among them, in order of time. */
export function seenIn(
  state: LabState,
  channel: Channel & { readonly messages: readonly Message[] },
  user: string,
): readonly Shown[] {
  const whispered = state.ephemerals.filter((ephemeral) => ephemeral.channel === channel.id && ephemeral.to === user)
  return [...channel.messages, ...whispered].sort((a, b) => Number(a.ts) - Number(b.ts))
}

export function timeOf(ts: string): string {
  return new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}

export function dayOf(ts: string): string {
  return new Date(Number(ts) * 1000).toLocaleDateString([], { weekday: 'long', month: 'long', day: 'numeric' })
}
