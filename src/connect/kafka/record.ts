import { Reader } from './bytes.js'
import type { LogRecord, PackedRecord } from './types.js'

/** Reads the next record of an unpacked batch; `appendTime` is the broker's, where the topic says LogAppendTime. */
export function readPacked(
  reader: Reader,
  baseOffset: bigint,
  firstTimestamp: number,
  appendTime: number | undefined,
): PackedRecord {
  const size = reader.varint()
  const end = reader.at + size
  reader.int8()
  const timestamp = firstTimestamp + reader.varlong()
  const offset = baseOffset + BigInt(reader.varint())
  return { offset, timestamp: appendTime ?? timestamp, content: reader.take(end - reader.at) }
}

export function unpacked({ offset, timestamp, content }: PackedRecord): LogRecord {
  const reader = new Reader(content)
  const key = reader.varBytes()
  const value = reader.varBytes()
  const headers: (readonly [Buffer, Buffer | null])[] = []
  for (let left = reader.varint(); left > 0; left--)
    headers.push([reader.varBytes() ?? Buffer.alloc(0), reader.varBytes()])
  return { offset, timestamp, key, value, headers, content }
}

/** The key alone, and whether the value is null, which on a compacted topic deletes its key. */
export function keyOf({ content }: Pick<PackedRecord, 'content'>): { key: Buffer | null; tombstone: boolean } {
  const reader = new Reader(content)
  return { key: reader.varBytes(), tombstone: reader.varint() < 0 }
}
