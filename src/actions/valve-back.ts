import type { Offsets, Range } from '../connect/kafka/types.js'
import type { Scans } from '../gates/reading/clients.js'
import { debtRanges, newestCopyIn, standingWaterline } from '../gates/reading/copies.js'
import type { ConnectValve } from '../gates/reading/valve.js'
import { orphansFact, readFact, type ValveOffsets, waterlineFact } from '../proof/facts.js'
import { fromJson, higher, offsetOf, toJson } from '../proof/offsets.js'
import type { PerformContext } from './action.js'
import { copierOf, inPieces, recordsToCopy, sizesOf } from './copying.js'
import { Refusal } from './refusal.js'
import { carriedOffsets, type ValveDeps } from './valve.js'

/** How long one call goes on before it leaves the rest to the next: a piece that has been begun is finished within the time of an effect. */
const sliceMs = 1500

export interface CopiedByNow {
  /** How many records by now, over all calls. */
  readonly records: number
  /** What the next call goes on from; undefined once all is copied. */
  readonly left?: ValveOffsets
}

/**
 * What the valve has brought to the target, copied to the source before it goes on there: for a valve that cannot read it again.
 * Nothing else has written above the waterline, since this is undone only before producers have started there. Piece by piece: it may
 * be more than one call has time for, and on the source, where producers run, as much may lie between the copies. Undefined: it has brought nothing.
 */
export async function copyWhatItBrought(
  { kafka, clock }: ValveDeps,
  valve: ConnectValve,
  context: PerformContext,
): Promise<CopiedByNow | undefined> {
  const carried = await carriedOffsets(context)
  const debt = (await standingWaterline(context))
    ? await debtRanges(kafka.target, valve.topics, context)
    : await namedBeforeTheMirror(valve, carried, context)
  if (debt.length === 0) return undefined
  const closed = carried?.closed
  if (!carried || closed?.side !== 'source')
    throw new Refusal(
      'fact-missing',
      `Where ${valve.topics.join(', ')} ended on the source when the valve was closed is not known, so copies cannot be told. Copy what lies above the waterline by hand, then start the connector`,
    )
  const begun = clock()
  let forward = false
  const isLate = () => forward && clock() - begun > sliceMs
  let records = carried.copied?.records ?? 0
  const known = { lookedTo: fromJson(carried.copied?.lookedTo ?? {}), next: fromJson(carried.copied?.next ?? {}) }
  const reached = { lookedTo: mutable(known.lookedTo), next: mutable(known.next) }
  const left = (): ValveOffsets => ({
    ...carried,
    copied: { lookedTo: toJson(reached.lookedTo), next: toJson(reached.next), records },
  })
  for (const range of debt) {
    const { topic, partition, to } = range
    let next = higher(offsetOf(known.next, range) ?? range.from, range.from)
    if (next >= to) continue
    // First taken over, then looked at: from here on nobody else adds copies to it.
    const writer = await kafka.source.takeOver(copierOf(context.migration.migration, range), range)
    const end = offsetOf(await kafka.source.endOffsets([topic]), range) ?? 0n
    const from = offsetOf(known.lookedTo, range) ?? offsetOf(fromJson(closed.ends), range) ?? end
    const looks = await piecesOf(kafka.source, { topic, partition, from, to: end })
    for (const [i, piece] of looks.entries()) {
      if (isLate()) return { records, left: left() }
      const copied = await newestCopyIn(kafka.source, piece)
      if (copied !== undefined) next = higher(next, copied + 1n)
      set(reached.lookedTo, range, piece.to)
      set(reached.next, range, next)
      // The last may hold no more than what taking over wrote, in each call anew: a slow cluster would never get beyond it.
      forward ||= i < looks.length - 1
    }
    for (const piece of await piecesOf(kafka.target, { topic, partition, from: next, to })) {
      if (isLate()) return { records, left: left() }
      const copies = await recordsToCopy(kafka.target, piece, to)
      await context.stillMine()
      await writer.append(copies.map(({ copy }) => copy))
      records += copies.length
      set(reached.next, range, piece.to)
      forward = true
    }
  }
  return { records }
}

async function piecesOf(kafka: Scans, range: Range): Promise<readonly Range[]> {
  if (range.from >= range.to) return []
  const [size = 1] = await sizesOf(kafka, [range])
  return inPieces(range, size)
}

type Reached = Map<string, Map<number, bigint>>
const mutable = (offsets: Offsets): Reached => new Map([...offsets].map(([topic, of]) => [topic, new Map(of)]))
function set(offsets: Reached, { topic, partition }: Range, offset: bigint): void {
  offsets.set(topic, (offsets.get(topic) ?? new Map<number, bigint>()).set(partition, offset))
}

/**
 * With the mirror stopped after the valve was closed, undo starts it again before the valve: then the waterline stands no more, and what
 * the valve has brought is what was named above it as the mirror was started.
 */
async function namedBeforeTheMirror(
  { topics }: ConnectValve,
  carried: ValveOffsets | undefined,
  { fact }: PerformContext,
): Promise<readonly Range[]> {
  const waterline = readFact(waterlineFact, await fact('waterline'))
  const orphans = readFact(orphansFact, await fact('orphans'))
  const wasOpened = carried?.opened?.side === 'target'
  // Opened since it was closed, the fact is as old as the opening; else as old as the closing, and a waterline from before is of an earlier run.
  const isTold =
    waterline &&
    carried &&
    (wasOpened
      ? waterline.at <= carried.at && carried.at <= (orphans?.mirrorStartedAt ?? 0)
      : carried.at <= waterline.at)
  if (isTold) {
    const above = fromJson(waterline.offsets)
    return (orphans?.ranges ?? [])
      .map(({ topic, partition, from, to }) => ({ topic, partition, from: BigInt(from), to: BigInt(to) }))
      .filter((range) => topics.includes(range.topic) && offsetOf(above, range) === range.from)
  }
  if (!wasOpened) return []
  throw new Refusal(
    'fact-missing',
    `The valve was opened on the target, and where its records begin on ${topics.join(', ')} there cannot be told: no waterline stands. Copy to the source by hand what it has brought, then start the connector`,
  )
}
