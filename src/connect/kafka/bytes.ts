/** Builds the body of a request, big-endian, as the Kafka protocol wants it; in one buffer that grows, since a request may name 10,000 partitions. */
export class Writer {
  private buffer = Buffer.allocUnsafe(256)
  private size = 0

  int8(value: number): this {
    const at = this.room(1)
    this.buffer.writeInt8(value, at)
    return this
  }

  int16(value: number): this {
    const at = this.room(2)
    this.buffer.writeInt16BE(value, at)
    return this
  }

  int32(value: number): this {
    const at = this.room(4)
    this.buffer.writeInt32BE(value, at)
    return this
  }

  int64(value: bigint): this {
    const at = this.room(8)
    this.buffer.writeBigInt64BE(value, at)
    return this
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1)
    this.int16(Buffer.byteLength(value))
    return this.text(value)
  }

  array<T>(items: readonly T[] | null, write: (item: T) => void): this {
    this.int32(items ? items.length : -1)
    for (const item of items ?? []) write(item)
    return this
  }

  /** Flexible versions (KIP-482): lengths as unsigned varints plus one, and a list of tagged fields, here always empty. */
  compactString(value: string): this {
    return this.uvarint(Buffer.byteLength(value) + 1).text(value)
  }

  compactArray<T>(items: readonly T[] | null, write: (item: T) => void): this {
    this.uvarint(items ? items.length + 1 : 0)
    for (const item of items ?? []) write(item)
    return this
  }

  tags(): this {
    return this.int8(0)
  }

  raw(bytes: Buffer): this {
    const at = this.room(bytes.length)
    bytes.copy(this.buffer, at)
    return this
  }

  /** Zigzag, as records have their deltas: up to 52 bits. */
  varint(value: number): this {
    let rest = value < 0 ? -2 * value - 1 : 2 * value
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.uint8((rest % 128) | 0x80)
    return this.uint8(rest)
  }

  /** Null apart from empty: a length of -1 is null. */
  varBytes(bytes: Buffer | null): this {
    return bytes ? this.varint(bytes.length).raw(bytes) : this.varint(-1)
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.size)
  }

  private uvarint(value: number): this {
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.uint8((rest & 0x7f) | 0x80)
    return this.uint8(rest)
  }

  private uint8(value: number): this {
    const at = this.room(1)
    this.buffer.writeUInt8(value, at)
    return this
  }

  private text(value: string): this {
    const at = this.room(Buffer.byteLength(value))
    this.buffer.write(value, at)
    return this
  }

  /** Where so many bytes may be written. */
  private room(bytes: number): number {
    const at = this.size
    this.size += bytes
    if (this.size > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, this.size))
      this.buffer.copy(larger, 0, 0, at)
      this.buffer = larger
    }
    return at
  }
}

/** Reads what a broker answered; throws RangeError when the bytes end too early. */
export class Reader {
  at = 0

  constructor(readonly buffer: Buffer) {}

  get left(): number {
    return this.buffer.length - this.at
  }

  int8(): number {
    return this.buffer.readInt8(this.skip(1))
  }

  int16(): number {
    return this.buffer.readInt16BE(this.skip(2))
  }

  int32(): number {
    return this.buffer.readInt32BE(this.skip(4))
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE(this.skip(8))
  }

  take(size: number): Buffer {
    if (size < 0 || size > this.left) throw new RangeError(`${size} bytes wanted, ${this.left} left`)
    return this.buffer.subarray(this.skip(size), this.at)
  }

  string(): string {
    return this.nullableString() ?? ''
  }

  nullableString(): string | null {
    const size = this.int16()
    return size < 0 ? null : this.take(size).toString()
  }

  bytes32(): Buffer {
    return this.take(Math.max(0, this.int32()))
  }

  array<T>(read: () => T): T[] {
    return this.times(this.int32(), read)
  }

  compactString(): string {
    return this.take(Math.max(0, this.uvarint() - 1)).toString()
  }

  compactArray<T>(read: () => T): T[] {
    return this.times(this.uvarint() - 1, read)
  }

  tags(): void {
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint()
      this.take(this.uvarint())
    }
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }

  /** Zigzag, up to 32 bits. */
  varint(): number {
    const value = this.uvarint()
    return (value >>> 1) ^ -(value & 1)
  }

  /** Zigzag, up to 64 bits; timestamps and their deltas stay far below 2^53. */
  varlong(): number {
    let value = 0
    for (let unit = 1; ; unit *= 0x80) {
      const byte = this.byte()
      value += (byte & 0x7f) * unit
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
  }

  private byte(): number {
    const byte = this.buffer[this.at++]
    if (byte === undefined) throw new RangeError('a number was not there to its end')
    return byte
  }

  /** Null apart from empty: a length of -1 is null. */
  varBytes(): Buffer | null {
    const size = this.varint()
    return size < 0 ? null : this.take(size)
  }

  private times<T>(count: number, read: () => T): T[] {
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(read())
    return items
  }

  private skip(size: number): number {
    const from = this.at
    this.at += size
    return from
  }
}
