/** The schema id in front of what a registry's serializer wrote: a zero byte and four bytes of id; undefined: no such frame. */
export function schemaId(bytes: Buffer | null): number | undefined {
  return bytes && bytes.length > frame && bytes[0] === 0 ? bytes.readInt32BE(1) : undefined
}

const frame = 5
