import { gzipSync } from 'node:zlib'
import crc32c from 'kafkajs/src/protocol/recordBatch/crc32C/index.js'
import { Writer } from './bytes.js'
import type { ProducerIdentity } from './requests/transactions.js'
import type { NewRecord } from './types.js'

/** Larger ones are compressed: a topic's limit is meant for what arrives, and what was compressed before has to fit again. */
const largeBytes = 512 * 1024
const gzip = 1

/** One batch of message format 2: bytes as given, null apart from empty, headers in order, timestamps kept. Not transactional. */
export function encodeBatch(records: readonly NewRecord[], producer: ProducerIdentity, firstSequence: number): Buffer {
  const first = records[0]?.timestamp ?? 0
  const plain = Buffer.concat(records.map((record, i) => encodeRecord(record, i, first)))
  const isLarge = plain.length > largeBytes
  const checked = new Writer()
    .int16(isLarge ? gzip : 0)
    .int32(records.length - 1)
    .int64(BigInt(first))
    .int64(BigInt(records.reduce((newest, { timestamp }) => Math.max(newest, timestamp), first)))
    .int64(producer.id)
    .int16(producer.epoch)
    .int32(firstSequence)
    .int32(records.length)
    .raw(isLarge ? gzipSync(plain) : plain)
    .bytes()
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32c(checked))
  // Behind the length: leader epoch (the broker's to say), magic, checksum.
  const rest = new Writer().int32(-1).int8(2).raw(crc).raw(checked).bytes()
  return new Writer().int64(0n).int32(rest.length).raw(rest).bytes()
}

/** How much of a batch a record takes, within some bytes. */
export function sizeOf({ key, value, headers }: NewRecord): number {
  const size = (bytes: Buffer | null) => 5 + (bytes?.length ?? 0)
  return 20 + size(key) + size(value) + headers.reduce((sum, [name, content]) => sum + size(name) + size(content), 0)
}

function encodeRecord({ timestamp, key, value, headers }: NewRecord, offsetDelta: number, first: number): Buffer {
  const body = new Writer()
    .int8(0)
    .varint(timestamp - first)
    .varint(offsetDelta)
    .varBytes(key)
    .varBytes(value)
    .varint(headers.length)
  for (const [name, content] of headers) body.varBytes(name).varBytes(content)
  const bytes = body.bytes()
  return new Writer().varint(bytes.length).raw(bytes).bytes()
}
