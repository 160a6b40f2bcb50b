import { Reader } from './bytes.js'
import { decompress } from './codecs.js'
import { KafkaError } from './errors.js'
import { readPacked, unpacked } from './record.js'
import type { Batch, LogRecord } from './types.js'

const headerSize = 61
const lengthAt = 8
const magicAt = 16

/**
 * The complete record batches (message format 2, Kafka 0.11 and later) at the start of what a fetch returned; the last one may
 * be cut short by the size limit and is left for the next fetch.
 */
export function readBatches(bytes: Buffer): Batch[] {
  const batches: Batch[] = []
  for (let at = 0; bytes.length - at > magicAt; ) {
    const size = 12 + bytes.readInt32BE(at + lengthAt)
    const magic = bytes.readInt8(at + magicAt)
    if (magic !== 2)
      throw new KafkaError(
        'unsupported',
        `A segment holds records of message format ${magic}, from before Kafka 0.11. Let retention take them, or exclude the topic`,
      )
    if (size > bytes.length - at) break
    batches.push(batch(bytes.subarray(at, at + size)))
    at += size
  }
  return batches
}

function batch(bytes: Buffer): Batch {
  const baseOffset = bytes.readBigInt64BE(0)
  const attributes = bytes.readInt16BE(21)
  const firstTimestamp = Number(bytes.readBigInt64BE(27))
  const maxTimestamp = Number(bytes.readBigInt64BE(35))
  const count = bytes.readInt32BE(57)
  const appendTime = (attributes & 0x08) !== 0
  const isControl = (attributes & 0x20) !== 0
  const packed = () => {
    const reader = new Reader(decompress(attributes & 0x07, bytes.subarray(headerSize)))
    return Array.from({ length: count }, () =>
      readPacked(reader, baseOffset, firstTimestamp, appendTime ? maxTimestamp : undefined),
    )
  }
  const records = () => packed().map(unpacked)
  return {
    baseOffset,
    lastOffset: baseOffset + BigInt(bytes.readInt32BE(23)),
    count,
    producerId: bytes.readBigInt64BE(43),
    producerEpoch: bytes.readInt16BE(51),
    transactional: (attributes & 0x10) !== 0,
    control: isControl ? controlKind(records()[0]) : undefined,
    maxTimestamp,
    size: bytes.length,
    records,
    packed,
  }
}

/** The key of a control record holds its version and its type: 0 abort, 1 commit (KIP-98); others came with KRaft. */
function controlKind(marker: LogRecord | undefined): Batch['control'] {
  const type = marker?.key && marker.key.length >= 4 ? marker.key.readInt16BE(2) : undefined
  return type === 0 ? 'abort' : type === 1 ? 'commit' : 'other'
}
