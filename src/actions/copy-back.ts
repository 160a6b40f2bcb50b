import { z } from 'zod'
import type { Offsets, Range } from '../connect/kafka/types.js'
import type { Ends, Scans, Stables } from '../gates/reading/clients.js'
import { copiedSoFar, debtRanges, drainedEnds, sayStranger } from '../gates/reading/copies.js'
import { countRecords } from '../gates/reading/count.js'
import { count, few } from '../gates/reading/say.js'
import { offsetOf, partitionName } from '../proof/offsets.js'
import type { Effect } from '../runbook/language.js'
import { action, type PlanContext } from './action.js'
import { copierOf, inPieces, recordsToCopy, sizesOf, type TakesOver } from './copying.js'
import { PlanError } from './errors.js'
import { Refusal } from './refusal.js'

interface Deps {
  readonly kafka: {
    readonly target: Ends & Scans & Stables
    readonly source: Ends & Scans & TakesOver
  }
}

const args = z.strictObject({})
const onSchema = z.object({ topic: z.string(), partition: z.int(), end: z.string() })
const stateSchema = z.object({ copiedTo: z.string() })

const earlierWithinMs = 3_600_000

export const copyBack = action<Deps, z.infer<typeof args>>({
  name: 'copy-back',
  does: 'copies every record that was born on the target back to the source, in order per partition, each with the target offset it came from',
  args,
  async plan({ kafka }, _, context) {
    const debt = await debtRanges(kafka.target, context.migration.topics, context)
    if (debt.length === 0) return { effects: [] }
    const drained = await refuseUnfit(kafka, debt, context)
    const sofar = await copiedSoFar(kafka.source, debt, drained)
    const strangers = sofar.filter(({ stranger }) => stranger !== undefined)
    if (strangers.length > 0)
      throw new PlanError(
        'stranger',
        `Somebody has written on the source since it was drained, so copies would not stand in order: ${few(strangers.map(sayStranger))}. Find who writes there; what it wrote belongs to nobody's order`,
      )
    const left = sofar.flatMap(({ range, next }) => (next < range.to ? [{ ...range, from: next }] : []))
    const counted = await countRecords(kafka.target, left, 'read_committed')
    const filled = counted.filter(({ records }) => records > 0).map(({ range }) => range)
    const sizes = await sizesOf(kafka.target, filled)
    const pieces = filled.map((range, i) => inPieces(range, sizes[i]!))
    // The first piece of every partition before the second of any, so that partitions go on side by side.
    const rounds = Math.max(0, ...pieces.map((of) => of.length))
    const effects = Array.from({ length: rounds }, (__, round) =>
      pieces.flatMap((of) => (of[round] ? [pieceEffect(of[round], of[0]!, of.at(-1)!.to)] : [])),
    ).flat()
    return { effects }
  },

  async perform({ kafka }, effect, context) {
    const { end, ...partition } = onSchema.parse(effect.on)
    const from = BigInt(stateSchema.parse(effect.before).copiedTo)
    const to = BigInt(stateSchema.parse(effect.after).copiedTo)
    const name = partitionName(partition)
    // Undone: taken out of a log is nothing. Whoever copies again goes on behind what is there.
    if (to < from) return { text: `the copies of ${name} stay; copying again would go on behind them` }

    const [debt] = (await debtRanges(kafka.target, [partition.topic], context)).filter(
      (range) => range.partition === partition.partition,
    )
    const drained = await drainedEnds(context)
    if (!debt || !drained)
      throw new Refusal('fact-missing', `The waterline or the drain of ${name} is no longer known. Plan the step again`)
    // First taken over, then looked at: from here on nobody else adds to it, so what is there now is what has been copied.
    const writer = await kafka.source.takeOver(copierOf(context.migration.migration, partition), partition)
    const [sofar] = await copiedSoFar(kafka.source, [debt], drained)
    if (!sofar || sofar.stranger !== undefined)
      throw new Refusal('stranger', `${sofar ? sayStranger(sofar) : name}: find who writes on the source`)
    if (sofar.next >= to) return { text: `${name} was already copied up to ${sofar.next}` }
    const piece = await recordsToCopy(kafka.target, { ...partition, from: sofar.next, to }, BigInt(end))
    const earlier = piece.filter(({ offset }) => offset < from)
    if (earlier.length > 0)
      throw new Refusal('out-of-order', `${count(earlier.length, 'record')} of ${name} below ${from} come first`)
    if (piece.length === 0) return { text: `nothing of ${name} is left to copy up to ${to}` }
    await context.stillMine()
    await writer.append(piece.map(({ copy }) => copy))
    return { text: `copied ${count(piece.length, 'record')} of ${name}, target offsets ${sofar.next} to ${to}` }
  },
})

/** Where the source was when it was drained; throws when what is to be copied is not yet what it will stay, or has nowhere to go. */
async function refuseUnfit(kafka: Deps['kafka'], debt: readonly Range[], context: PlanContext): Promise<Offsets> {
  const drained = await drainedEnds(context)
  if (!drained)
    throw new PlanError(
      'fact-missing',
      'The source was never certified as drained, so copies cannot be told from what else lies there. Finish by hand from the newest break-glass pack',
    )
  const missing = debt.filter((range) => offsetOf(drained, range) === undefined)
  if (missing.length > 0)
    throw new PlanError(
      'partition-missing',
      `The source has no ${few(missing.map(partitionName))}. Create what is missing there, with the same number of partitions, then retry`,
    )
  const stable = await kafka.target.stableOffsets([...new Set(debt.map(({ topic }) => topic))])
  const open = debt.filter((range) => (offsetOf(stable, range) ?? range.to) < range.to)
  if (open.length > 0)
    throw new PlanError(
      'transaction-open',
      `A transaction is open on ${few(open.map((range) => `${partitionName(range)}@${offsetOf(stable, range)}`))} of the target, so it is not known what of it counts. Wait for its timeout, or abort it (kafka-transactions.sh abort)`,
    )
  return drained
}

function pieceEffect({ topic, partition, from, to }: Range, first: Range, end: bigint): Effect {
  const name = partitionName({ topic, partition })
  return {
    id: `copy-back ${name}@${from}`,
    action: 'copy-back',
    target: `source/topic/${name}`,
    before: { copiedTo: `${from}` },
    after: { copiedTo: `${to}` },
    on: { topic, partition, end: `${end}` },
    ...(from > first.from
      ? {
          gate: {
            gate: 'copied',
            args: { topic, partition, to: `${from}` },
            forMs: 0,
            withinMs: earlierWithinMs,
            warn: false,
          },
        }
      : {}),
    text: `copy ${name} of the target, offsets ${from} to ${to}, to the source`,
  }
}
