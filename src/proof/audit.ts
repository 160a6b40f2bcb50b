import { createHash } from 'node:crypto'
import { unpacked } from '../connect/kafka/record.js'
import type { Batch, PackedRecord, Range } from '../connect/kafka/types.js'
import { higher } from './offsets.js'
import { fingerprint } from './tails.js'
import type { Isolation } from './tally.js'

/** Records of one span of time, in no order: how many, the sum of their hashes, and where in the log they lie. */
export interface Bucket {
  count: number
  /** Four sums of 32 bits each, modulo 2^32: a record more, less, twice or altered changes them, its place does not. */
  readonly sums: Uint32Array
  /** The offsets between which they lie, `[from, to)`. */
  from: bigint
  to: bigint
}

/** What gathers records: buckets, or the records themselves. */
interface Heap<Self> {
  put(record: PackedRecord, producerId: bigint): void
  /** Takes over what another one holds. */
  join(other: Self): void
}

/** Puts on a heap what a reader of that isolation sees of a log read in order, chunk by chunk: what a transaction took back is left out. */
export function createGathering<H extends Heap<H>>(make: () => H, isolation: Isolation) {
  const settled = make()
  const open = new Map<bigint, H>()
  return {
    /** A batch may reach out of its chunk; the rest of it comes with the next one. */
    add(batch: Batch, { from, to }: Pick<Range, 'from' | 'to'>): void {
      const { producerId } = batch
      if (batch.control) {
        const ended = open.get(producerId)
        open.delete(producerId)
        if (ended && (batch.control !== 'abort' || isolation === 'read_uncommitted')) settled.join(ended)
        return
      }
      const heap = batch.transactional ? (open.get(producerId) ?? make()) : settled
      if (batch.transactional) open.set(producerId, heap)
      for (const record of batch.packed()) if (record.offset >= from && record.offset < to) heap.put(record, producerId)
    },
    /** Whether a transaction has not ended yet. */
    isOpen: () => open.size > 0,
    read(): H {
      if (isolation === 'read_uncommitted') for (const heap of open.values()) settled.join(heap)
      open.clear()
      return settled
    },
  }
}

/** So many buckets at most: where timestamps are spread wider, each takes twice the time. */
const mostBuckets = 20_000

/** A log in buckets of time. Without timestamps that both sides share (`isTimed` false) it is one bucket. */
export class Buckets implements Heap<Buckets> {
  readonly all = new Map<number, Bucket>()
  count = 0
  /** The timestamp of the record with the lowest offset. */
  first: { readonly offset: bigint; readonly timestamp: number } | undefined

  constructor(
    public widthMs: number,
    readonly isTimed: boolean,
    /** Records at these offsets are none of the mirror's. */
    private readonly isOurs: (offset: bigint) => boolean = () => true,
  ) {}

  put(record: PackedRecord): void {
    const { offset, timestamp } = record
    if (!this.isOurs(offset)) return
    if (!this.first || offset < this.first.offset) this.first = { offset, timestamp }
    this.count++
    const bucket = this.bucket(this.bucketOf(timestamp), offset)
    bucket.count++
    if (offset >= bucket.to) bucket.to = offset + 1n
    if (offset < bucket.from) bucket.from = offset
    addHash(bucket.sums, record, this.isTimed)
  }

  join(other: Buckets): void {
    this.widenTo(other.widthMs)
    other.widenTo(this.widthMs)
    for (const [key, bucket] of other.all) merge(this.bucket(key, bucket.from), bucket)
    this.count += other.count
    if (other.first && (!this.first || other.first.offset < this.first.offset)) this.first = other.first
  }

  bucketOf(timestamp: number): number {
    return this.isTimed ? Math.floor(timestamp / this.widthMs) : 0
  }

  /** Sums can be added, so narrow buckets become wide ones without reading anything again. */
  widenTo(widthMs: number): void {
    while (this.widthMs < widthMs) this.widen()
  }

  private bucket(key: number, at: bigint): Bucket {
    const known = this.all.get(key)
    if (known) return known
    const made = { count: 0, sums: new Uint32Array(4), from: at, to: at }
    this.all.set(key, made)
    if (this.all.size <= mostBuckets) return made
    this.widen()
    return this.all.get(Math.floor(key / 2))!
  }

  private widen(): void {
    const narrow = [...this.all]
    this.all.clear()
    this.widthMs *= 2
    for (const [key, bucket] of narrow) {
      const wide = this.all.get(Math.floor(key / 2))
      if (wide) merge(wide, bucket)
      else this.all.set(Math.floor(key / 2), bucket)
    }
  }
}

function merge(into: Bucket, from: Bucket): void {
  into.count += from.count
  if (from.from < into.from) into.from = from.from
  into.to = higher(into.to, from.to)
  for (let i = 0; i < 4; i++) into.sums[i]! += from.sums[i]!
}

/**
 * Four mixed sums of the content and the timestamp, so that two records which swap theirs are not taken for equal. It need not withstand an
 * attacker, only tell accidents, and must cost little: where sums differ, records are compared by SHA-256.
 */
function addHash(sums: Uint32Array, { content, timestamp }: PackedRecord, isTimed: boolean): void {
  let a = content.length ^ (isTimed ? timestamp | 0 : 0)
  let b = mixed(a) ^ (isTimed ? Math.floor(timestamp / 2 ** 32) : 0)
  let c = mixed(b + 0x9e3779b9)
  let d = mixed(c + 0x85ebca6b)
  const words = content.length & ~3
  for (let at = 0; at < words; at += 4) {
    const word = content[at]! | (content[at + 1]! << 8) | (content[at + 2]! << 16) | (content[at + 3]! << 24)
    a = Math.imul(a ^ word, 0x9e3779b1)
    a ^= a >>> 15
    b = Math.imul(b + a, 0x85ebca77)
    b ^= b >>> 13
    c = Math.imul(c ^ b, 0xc2b2ae3d)
    d = (d + Math.imul(c ^ (c >>> 16), 0x27d4eb2f)) | 0
  }
  for (let at = words; at < content.length; at++) {
    a = Math.imul(a ^ content[at]!, 0x9e3779b1)
    b = Math.imul(b + (a ^ (a >>> 15)), 0x85ebca77)
    c = Math.imul(c ^ (b ^ (b >>> 13)), 0xc2b2ae3d)
    d = (d + Math.imul(c ^ (c >>> 16), 0x27d4eb2f)) | 0
  }
  sums[0]! += mixed(a)
  sums[1]! += mixed(b ^ a)
  sums[2]! += mixed(c ^ b)
  sums[3]! += mixed(d ^ c)
}

/** The finaliser of MurmurHash3. */
function mixed(value: number): number {
  let h = value ^ (value >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

export interface DifferingBucket {
  /** Epoch milliseconds, `[from, to)`; undefined where the sides share no timestamps. */
  readonly time: { readonly from: number; readonly to: number } | undefined
  readonly source: Bucket | undefined
  readonly target: Bucket | undefined
}

/** Whether retention has taken the first records of a side. */
export interface Shortened {
  readonly source: boolean
  readonly target: boolean
}

/** The buckets that are not equal, oldest first. Where retention took a side's beginning, what lies before its first whole bucket does not count. */
export function differingBuckets(source: Buckets, target: Buckets, shortened: Shortened): DifferingBucket[] {
  source.widenTo(target.widthMs)
  target.widenTo(source.widthMs)
  const { widthMs, isTimed } = source
  const begins = (['source', 'target'] as const).flatMap((side) => {
    const { first } = side === 'source' ? source : target
    return shortened[side] && first && isTimed ? [source.bucketOf(first.timestamp) + 1] : []
  })
  const begin = Math.max(Number.NEGATIVE_INFINITY, ...begins)
  return [...new Set([...source.all.keys(), ...target.all.keys()])]
    .filter((key) => key >= begin && !isEqual(source.all.get(key), target.all.get(key)))
    .sort((a, b) => a - b)
    .map((key) => ({
      time: isTimed ? { from: key * widthMs, to: (key + 1) * widthMs } : undefined,
      source: source.all.get(key),
      target: target.all.get(key),
    }))
}

function isEqual(a: Bucket | undefined, b: Bucket | undefined): boolean {
  return a !== undefined && b !== undefined && a.count === b.count && a.sums.every((sum, i) => sum === b.sums[i])
}

/** A record by what tells it from others, without its content. */
export interface Mark {
  readonly offset: bigint
  readonly timestamp: number
  readonly producerId: bigint
  readonly print: string
  /** Of key and timestamp alone: two that differ otherwise are one record, altered. */
  readonly identity: string
  readonly value: string
}

/** The records of one bucket, one by one. */
export class Marks implements Heap<Marks> {
  readonly all: Mark[] = []

  constructor(
    private readonly isTimed: boolean,
    private readonly isIn: (record: PackedRecord) => boolean,
  ) {}

  put(record: PackedRecord, producerId: bigint): void {
    if (!this.isIn(record)) return
    const { offset, timestamp, key, value } = unpacked(record)
    const of = (bytes: Buffer | null) => (bytes ? createHash('sha256').update(bytes).digest('base64') : 'null')
    const identity = `${of(key)}@${this.isTimed ? timestamp : ''}`
    const print = fingerprint(record, this.isTimed)
    this.all.push({ offset, timestamp, producerId, print, identity, value: of(value) })
  }

  join(other: Marks): void {
    for (const mark of other.all) this.all.push(mark)
  }
}

/** How one record differs. Offsets are decimals, so that it can be kept as it is. */
export type Difference =
  | { readonly is: 'missing'; readonly source: string; readonly timestamp: number }
  /** `copy` stands on the target beside `first`, and both are source record `source`. `by` another producer: the mirror was started anew in between, or somebody else wrote it; `unknown` where a producer gives no id. */
  | {
      readonly is: 'duplicated'
      readonly source: string
      readonly first: string
      readonly copy: string
      readonly by: 'the same producer' | 'another producer' | 'unknown'
      readonly timestamp: number
    }
  | {
      readonly is: 'altered'
      readonly source: string
      readonly target: string
      readonly what: 'value' | 'headers'
      readonly timestamp: number
    }
  /** On the target alone: no mirror brought it. */
  | { readonly is: 'foreign'; readonly target: string; readonly producer: string; readonly timestamp: number }

/** Names each record of a bucket that differs. What the mirror has not acknowledged yet (from `position` on) is not missing, and may be there all the same. */
export function nameDifferences(
  source: readonly Mark[],
  target: readonly Mark[],
  position: bigint | undefined,
): Difference[] {
  const there = grouped(target, ({ print }) => print)
  const matched = new Map<string, { readonly source: Mark; readonly target: Mark }>()
  const found: Difference[] = []
  const lost: Mark[] = []
  for (const one of source) {
    const same = there.get(one.print)?.shift()
    if (!same) {
      if (position === undefined || one.offset < position) lost.push(one)
    } else matched.set(one.print, { source: one, target: same })
  }
  const left = [...there.values()].flat()
  const strange: Mark[] = []
  for (const copy of left) {
    const of = matched.get(copy.print)
    if (!of) strange.push(copy)
    else
      found.push({
        is: 'duplicated',
        source: `${of.source.offset}`,
        first: `${of.target.offset}`,
        copy: `${copy.offset}`,
        by: writer(of.target, copy),
        timestamp: copy.timestamp,
      })
  }
  const byIdentity = grouped(strange, ({ identity }) => identity)
  for (const one of lost) {
    const other = byIdentity.get(one.identity)?.shift()
    if (other)
      found.push({
        is: 'altered',
        source: `${one.offset}`,
        target: `${other.offset}`,
        what: one.value === other.value ? 'headers' : 'value',
        timestamp: one.timestamp,
      })
    else found.push({ is: 'missing', source: `${one.offset}`, timestamp: one.timestamp })
  }
  for (const { offset, producerId, timestamp } of [...byIdentity.values()].flat())
    found.push({ is: 'foreign', target: `${offset}`, producer: `${producerId}`, timestamp })
  return found
}

function writer(first: Mark, copy: Mark): Extract<Difference, { is: 'duplicated' }>['by'] {
  if (first.producerId < 0n || copy.producerId < 0n) return 'unknown'
  return first.producerId === copy.producerId ? 'the same producer' : 'another producer'
}

function grouped(marks: readonly Mark[], by: (mark: Mark) => string): Map<string, Mark[]> {
  const groups = new Map<string, Mark[]>()
  for (const mark of marks) {
    const group = groups.get(by(mark))
    if (group) group.push(mark)
    else groups.set(by(mark), [mark])
  }
  return groups
}
