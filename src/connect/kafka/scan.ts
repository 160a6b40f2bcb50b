import { readBatches } from './batches.js'
import type { Connections } from './connections.js'
import { answered, isPassing, KafkaError, protocolError } from './errors.js'
import { append } from './maps.js'
import type { Metadata } from './metadata.js'
import { untilDone } from './patience.js'
import { type Fetched, fetch } from './requests/fetch.js'
import { listOffsets } from './requests/list-offsets.js'
import type { Batch, Range, TopicPartition } from './types.js'

/**
 * Reads ranges without a group and hands over every batch that lies in them, in order within a partition: data, aborted data
 * and control records alike. A batch at the border may reach out of its range. Returns where each range really began: later
 * than asked where retention had taken the first records.
 */
export type Scan = (ranges: readonly Range[], visit: (range: Range, batch: Batch) => void) => Promise<readonly bigint[]>

const partitionBytes = 1024 * 1024
const partitionsPerRequest = 500
const metadataMaxAgeMs = 5000

interface Position {
  readonly range: Range
  start: bigint
  next: bigint
  /** Up to where the last answer let it be read. */
  visible: bigint
  /** Who must copy a record before it can be read. */
  followers: readonly string[]
}

export function createScan(connections: Connections, metadata: Metadata, withinMs: number, now: () => number): Scan {
  return async (ranges, visit) => {
    const positions: Position[] = ranges.map((range) => ({
      range,
      start: range.from,
      next: range.from,
      visible: range.to,
      followers: [],
    }))
    let maxAgeMs = metadataMaxAgeMs
    await untilDone(withinMs, now, async (deadline) => {
      const { byLeader, leaderless } = await leadersOf(positions.filter(unfinished), maxAgeMs)
      let passing: KafkaError | undefined = leaderless
      maxAgeMs = 0
      await Promise.all(
        [...byLeader].map(async ([address, of]) => {
          passing = (await drain(address, of, visit, deadline)) ?? passing
        }),
      )
      return passing
    })
    return positions.map(({ start }) => start)
  }

  /** Fetches from one broker until its ranges are read or one of them must be asked for elsewhere. */
  async function drain(address: string, of: Position[], visit: (range: Range, batch: Batch) => void, deadline: number) {
    let passing: KafkaError | undefined
    // A transaction of an offset range that is longer than one answer: those not served yet come first the next time.
    let waiting = of.filter(unfinished)
    while (waiting.length > 0 && !passing) {
      if (now() > deadline) throw tooSlow(address, waiting)
      // Two ranges of one partition take turns: a request names a partition once.
      const byName = new Map(waiting.map((one) => [nameOf(one.range), one]).reverse() as [string, Position][])
      const asked = [...byName.values()].reverse().slice(0, partitionsPerRequest)
      const froms = asked.map(({ range, next }) => ({ topic: range.topic, partition: range.partition, from: next }))
      const answers = await connections.send(address, fetch(froms, partitionBytes))
      const served = new Set<Position>()
      for (const answer of answers) {
        const position = byName.get(nameOf(answer))
        if (!position) continue
        const before = position.next
        if (answer.error === protocolError.offsetOutOfRange) await skipWhatRetentionTook(address, position)
        else passing = take(answer, position, visit) ?? passing
        if (position.next > before) served.add(position)
      }
      waiting = [...waiting.filter((one) => !served.has(one)), ...served].filter(unfinished)
    }
    return passing
  }

  async function skipWhatRetentionTook(address: string, position: Position) {
    const [listed] = await connections.send(address, listOffsets([position.range], -2n, 'visible'))
    if (!listed || listed.error || listed.offset <= position.next)
      throw new KafkaError(
        'unreadable',
        `${nameOf(position.range)} ends below offset ${position.next}: it was truncated, or deleted and made anew`,
      )
    position.start = listed.offset
    position.next = position.start
  }

  async function leadersOf(of: readonly Position[], maxAgeMs: number) {
    const topics = [...new Set(of.map(({ range }) => range.topic))]
    const { brokers, topics: states } = await metadata.of(topics, maxAgeMs)
    const byLeader = new Map<string, Position[]>()
    let leaderless: KafkaError | undefined
    for (const position of of) {
      const { topic, partition } = position.range
      const state = states.get(topic)?.find((one) => one.partition === partition)
      const address = brokers.get(state?.leader ?? -1)
      if (!address)
        leaderless = new KafkaError('no-leader', `${topic}-${partition} has no leader, so it cannot be read`)
      else {
        position.followers = (state?.isr ?? [])
          .filter((id) => id !== state?.leader)
          .map((id) => brokers.get(id) ?? `${id}`)
        append(byLeader, address, position)
      }
    }
    return { byLeader, leaderless }
  }
}

function take(
  answer: Fetched,
  position: Position,
  visit: (range: Range, batch: Batch) => void,
): KafkaError | undefined {
  const { range } = position
  if (answer.error) {
    const error = answered(answer.error, `Reading ${nameOf(range)}`)
    if (isPassing(answer.error)) return error
    throw error
  }
  position.visible = answer.highWatermark
  for (const batch of readBatches(answer.bytes)) {
    if (batch.lastOffset < position.next) continue
    if (batch.baseOffset >= range.to) {
      position.next = range.to
      break
    }
    visit(range, batch)
    position.next = batch.lastOffset + 1n
  }
  return undefined
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

function unfinished({ next, range }: Position): boolean {
  return next < range.to
}

function tooSlow(address: string, waiting: readonly Position[]): KafkaError {
  const hidden = waiting.find(({ next, visible }) => next >= visible)
  if (hidden)
    return new KafkaError(
      'timed-out',
      `${nameOf(hidden.range)}: what its leader has written from offset ${hidden.visible} on cannot be read yet, as not every replica in sync has copied it. See whether ${hidden.followers.join(' or ') || address} is paused or slow`,
    )
  const first = waiting[0]?.range
  return new KafkaError(
    'timed-out',
    `${waiting.length} partitions, ${first?.topic}-${first?.partition} first, were not read to their end in time from broker ${address}`,
  )
}
