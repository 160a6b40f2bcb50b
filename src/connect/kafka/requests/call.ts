import type { Reader, Writer } from '../bytes.js'

/** One request of the protocol at one version: how it is written and how its answer is read. */
export interface Call<T> {
  readonly name: string
  readonly apiKey: number
  readonly apiVersion: number
  /** Flexible versions carry tagged fields in the header too (KIP-482). */
  readonly flexible?: boolean
  /** How long the broker may hold it back by design, on top of the time for an answer. */
  readonly heldMs?: number
  write(body: Writer): void
  read(body: Reader): T
}
