import type { KnownBlock } from '@slack/types'
import type { FileRequest } from '../../run/files.js'

/** One message of the channel as it should be. `messages(state)` makes all of them; announce makes Slack agree. */
export interface Message {
  /** Its identity for good: `board/cutover-1`, `step/cutover-1/stop-mirror`, `alert/lag/billing/3`. */
  readonly key: string
  /** A full sentence: what notifications, screen readers and the CLI show. Escaped for Slack. */
  readonly text: string
  readonly blocks: readonly Block[]
  /** A person is waited for: it goes to Slack before everything else. */
  readonly asks?: boolean
  /** What it says, without buttons, once it is no longer wanted; without this it stays as it was. */
  readonly over?: string
  /** Put into its thread, each once. */
  readonly files?: readonly AttachedFile[]
}

export interface AttachedFile {
  /** Its identity for good. */
  readonly key: string
  readonly name: string
  readonly title: string
  /** What prints it where files cannot be had. */
  readonly command: string
  readonly of: FileRequest
}

/** A block of Slack's, or the place of a graph that announce draws, uploads and fills in. */
export type Block = KnownBlock | GraphBlock

export interface GraphBlock {
  readonly type: 'graph'
  readonly graph: GraphRequest
}

/** Which picture; its points are read when it is drawn. A picture with an `until` is final: drawn once after it. */
export interface GraphRequest {
  readonly kind: 'lag'
  readonly title: string
  readonly groups: readonly string[]
  readonly from: number
  readonly until: number | null
  readonly marks: readonly { readonly at: number; readonly label: string }[]
  /** The groups were proved to have read all data: what a line still shows at its end are markers, aborted or compacted records. */
  readonly drained?: boolean
}
