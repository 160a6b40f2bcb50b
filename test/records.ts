import { Reader } from '../src/connect/kafka/bytes.js'
import { readPacked, unpacked } from '../src/connect/kafka/record.js'
import type { LogRecord } from '../src/connect/kafka/types.js'

interface Given {
  readonly offset?: bigint
  readonly timestamp?: number
  readonly key?: string | null
  readonly value?: string | null
  readonly headers?: readonly (readonly [key: string, value: string | null])[]
}

/** A record as it comes out of a batch: encoded as producers do (message format 2), and read by the client's own code. */
export function recordOf({ offset = 0n, timestamp = 0, key = null, value = null, headers = [] }: Given): LogRecord {
  const content = [
    sized(key),
    sized(value),
    varint(headers.length),
    ...headers.flatMap(([name, of]) => [sized(name), sized(of)]),
  ]
  const body = Buffer.concat([Buffer.from([0]), varint(0), varint(0), ...content])
  return unpacked(readPacked(new Reader(Buffer.concat([varint(body.length), body])), offset, timestamp, undefined))
}

function sized(text: string | null): Buffer {
  if (text === null) return varint(-1)
  const bytes = Buffer.from(text)
  return Buffer.concat([varint(bytes.length), bytes])
}

/** Zigzag. */
function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Buffer.from([...bytes, rest])
}
