/** Anything that came over the wire as JSON and is looked at field by field. */
export type Shape = Readonly<Record<string, unknown>>

export interface Person {
  readonly id: string
  readonly name: string
  readonly groups: readonly string[]
}

export interface UserGroup {
  readonly id: string
  readonly handle: string
  readonly users: readonly string[]
}

export interface SharedFile {
  readonly id: string
  readonly name: string
  readonly title: string
  readonly mimetype: string
  readonly size: number
}

export interface Message {
  readonly type: 'message'
  readonly ts: string
  readonly user: string
  readonly text: string
  readonly bot_id?: string
  readonly app_id?: string
  readonly blocks?: readonly Shape[]
  readonly attachments?: readonly Shape[]
  readonly files?: readonly SharedFile[]
  readonly metadata?: { readonly event_type: string; readonly event_payload: Shape }
  readonly edited?: { readonly user: string; readonly ts: string }
  readonly thread_ts?: string
  readonly subtype?: 'thread_broadcast'
}

/** A message that one person alone sees, until the page is loaded again. */
export interface Ephemeral extends Omit<Message, 'metadata' | 'files'> {
  readonly channel: string
  readonly to: string
}

export interface View {
  readonly id: string
  readonly type: 'modal' | 'home'
  readonly hash: string
  readonly title?: Shape
  readonly submit?: Shape
  readonly close?: Shape
  readonly blocks: readonly Shape[]
  readonly private_metadata: string
  readonly callback_id: string
  readonly external_id: string
  readonly clear_on_close: boolean
  readonly notify_on_close: boolean
  readonly root_view_id: string
  readonly previous_view_id: string | null
  /** What the app answered to a submission: a sentence by block_id. */
  readonly errors: Readonly<Record<string, string>>
}

export interface Channel {
  readonly id: string
  readonly name: string
  /** Set on a direct message: the person it is with. */
  readonly user?: string
}

/** Everything that a person at the page, or a test, may look at. */
export interface LabState {
  /** Grows with every change; `GET /lab/state?after=N` answers once it is above N. */
  readonly version: number
  readonly team: { readonly id: string; readonly name: string }
  readonly bot: { readonly user: string; readonly name: string; readonly id: string }
  readonly people: readonly Person[]
  readonly groups: readonly UserGroup[]
  readonly channels: readonly (Channel & { readonly messages: readonly Message[] })[]
  readonly ephemerals: readonly Ephemeral[]
  readonly views: Readonly<Record<string, readonly View[]>>
  readonly homes: Readonly<Record<string, View>>
  readonly files: readonly (SharedFile & { readonly ready: boolean })[]
  readonly commands: readonly { readonly command: string; readonly hint: string }[]
  readonly connections: number
  readonly calls: Readonly<Record<string, number>>
  readonly refusals: readonly Refused[]
  readonly deliveries: { readonly sent: number; readonly acknowledged: number; readonly unanswered: number }
}

/** One call that was turned down, as the app was told. */
export interface Refused {
  readonly method: string
  readonly error: string
  readonly messages: readonly string[]
}
