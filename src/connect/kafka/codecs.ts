import { gunzipSync } from 'node:zlib'
import { decompress as unzstd } from 'fzstd'
import lz4 from 'lz4js'
import snappy from 'snappyjs'
import { KafkaError } from './errors.js'

/** Decompresses the records of a batch, by the codec in the lowest three bits of its attributes. */
export function decompress(codec: number, bytes: Buffer): Buffer {
  switch (codec) {
    case 0:
      return bytes
    case 1:
      return gunzipSync(bytes)
    case 2:
      return unsnappy(bytes)
    case 3:
      return asBuffer(lz4.decompress(bytes))
    case 4:
      return asBuffer(unzstd(bytes))
    default:
      throw new KafkaError(
        'unsupported',
        `A batch is compressed with codec ${codec}, which Kafka did not have when this was written`,
      )
  }
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const xerialHeader = 16

/** Java's producer wraps Snappy in xerial frames, librdkafka's does not. */
function unsnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, 8).equals(xerialMagic)) return asBuffer(snappy.uncompress(bytes))
  const blocks: Uint8Array[] = []
  for (let at = xerialHeader; at < bytes.length; ) {
    const size = bytes.readInt32BE(at)
    blocks.push(snappy.uncompress(bytes.subarray(at + 4, at + 4 + size)))
    at += 4 + size
  }
  return Buffer.concat(blocks)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
