import type { Shape } from '../types.js'

/** One thing that a person did, on its way to the app. */
export interface Payload {
  readonly type: 'slash_commands' | 'interactive' | 'events_api'
  readonly body: Shape
  readonly answerable: boolean
}

export type Delivered =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly why: 'timeout' | 'not_connected' | 'refused' }
