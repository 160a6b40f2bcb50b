import type { IHeaders, KafkaMessage, Message } from 'kafkajs'
import type { Origin } from './estate.js'

export interface Order {
  /** Unique over all origins, sides and restarts: the ledger hands them out. */
  readonly number: number
  readonly origin: Origin
  readonly bornAtMs: number
}

export function messageOf(order: Order, key: string): Message {
  return {
    key,
    value: lineOf(order),
    headers: { number: String(order.number), origin: order.origin, 'content-type': 'application/json' },
  }
}

/** As the outside world writes it to the valve's file: one line, without key or headers. */
export function lineOf(order: Order): string {
  return JSON.stringify(order)
}

export function orderIn(message: Pick<KafkaMessage, 'value'>): Order {
  return JSON.parse(String(message.value)) as Order
}

/** The record as it goes on to the next topic: same key, value and headers, and who passed it on. */
export function passedOn(message: KafkaMessage, key: string, by: string): Message {
  const headers: IHeaders = { ...message.headers, 'passed-on-by': by }
  return { key, value: message.value, headers }
}
