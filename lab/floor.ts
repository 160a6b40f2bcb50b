import { assertSealed, silentAndDrained, startTier, stopTier, stopUpstream } from './floor/apps.js'
import { caughtUp, closeValve, leftBehind, openValve, placeGroups } from './floor/crossing.js'
import { type FloorLab, type Parts, withParts } from './floor/parts.js'
import type { Workloads } from './floor/workloads.js'
import { createJudge, type Judgement } from './ledger/judge.js'
import { settled } from './ledger/settled.js'
import { waitFor } from './readiness.js'
import { apps, topics } from './shop/estate.js'
import type { Side } from './types.js'

export interface FloorOptions {
  /** When the mirror stops: before the valve is switched, or once the source is silent. */
  readonly order: 'mirror-first' | 'mirror-last'
  /** How long nobody must have written, as in the runbooks. */
  readonly silenceMs: number
  /** Where the target's groups start. All but the waterline break a rule, to show that the judge sees it. */
  readonly positions: 'waterline' | 'log-end' | 'beginning'
  /** What has not been processed by then is lost. */
  readonly judgedWithinMs: number
}

export interface FloorResult extends Judgement {
  /** Source records that stayed behind, having been processed there. */
  readonly behindOnSource: number
  readonly steps: readonly { readonly title: string; readonly ms: number }[]
}

export const exactly: FloorOptions = {
  order: 'mirror-first',
  silenceMs: 10_000,
  positions: 'waterline',
  judgedWithinMs: 60_000,
}

/** How far the mirror may be behind live traffic when it is stopped, as in the runbooks. */
const liveRecords = 1_000

/**
 * The nine steps from source to target as a bare script: the same changes and waits as a run of the bot, without Slack, queue or
 * approvals. Its downtime is the floor that a run is measured against; its books are the proof that the method is exact.
 */
export function floor(lab: FloorLab, workloads: Workloads, options: FloorOptions = exactly): Promise<FloorResult> {
  return withParts(lab, workloads, (parts) =>
    measured(parts, 'target', options, (step) => cutOver(parts, options, step)),
  )
}

/** The way back from target to source, after which the mirror runs again. */
export function floorBack(
  lab: FloorLab,
  workloads: Workloads,
  options: Pick<FloorOptions, 'silenceMs' | 'judgedWithinMs'> = exactly,
): Promise<FloorResult> {
  return withParts(lab, workloads, (parts) =>
    measured(parts, 'source', options, (step) => rollBack(parts, options.silenceMs, step)),
  )
}

type Step = <T>(title: string, work: () => Promise<T>) => Promise<T>

async function cutOver(parts: Parts, { order, silenceMs, positions }: FloorOptions, step: Step): Promise<number> {
  const { wire, connect, mirror } = parts
  const place = async (waterline: Awaited<ReturnType<typeof wire.target.ends>>) => {
    if (positions === 'waterline') await placeGroups(parts, waterline)
    if (positions === 'beginning')
      await placeGroups(
        parts,
        waterline.map((each) => ({ ...each, offset: 0n })),
      )
    if (positions === 'log-end') await placeGroups(parts, await wire.target.ends(topics))
  }
  const stopMirror = async () => {
    await connect.target.stop(mirror.source)
    return wire.target.ends(topics)
  }
  const mirrorFirst = order === 'mirror-first'

  await caughtUp(parts, liveRecords)
  const early = mirrorFirst ? await step('stop the mirror', stopMirror) : undefined
  await step('switch the valve', async () => {
    await closeValve(parts, 'source')
    if (mirrorFirst) await openValve(parts, 'source', 'target')
  })
  await step('stop the producers', () => stopUpstream(parts, 'source'))
  const drained = await step('wait for silence and the drain', () => silentAndDrained(parts, 'source', silenceMs))
  await step('stop the consumers', () => stopTier(parts, 'source', 'downstream'))
  const behind = await step('stop the Dam and place the groups', async () => {
    await stopTier(parts, 'source', 'dam')
    await assertSealed(parts, 'source', drained)
    if (!mirrorFirst) await caughtUp(parts, 0)
    const waterline = early ?? (await stopMirror())
    await connect.target.stop(mirror.checkpoint)
    await place(waterline)
    if (!mirrorFirst) await openValve(parts, 'source', 'target')
    return leftBehind(parts)
  })
  await startAll(parts, 'target', step)
  return behind
}

async function rollBack(parts: Parts, silenceMs: number, step: Step): Promise<number> {
  const { connect, mirror } = parts
  await step('switch the valve back', async () => {
    await closeValve(parts, 'target')
    await openValve(parts, 'target', 'source')
  })
  await step('stop the producers', () => stopUpstream(parts, 'target'))
  const drained = await step('wait for silence and the drain', () => silentAndDrained(parts, 'target', silenceMs))
  await step('stop the consumers and the Dam', async () => {
    await Promise.all([stopTier(parts, 'target', 'downstream'), stopTier(parts, 'target', 'dam')])
    await assertSealed(parts, 'target', drained)
  })
  await startAll(parts, 'source', step)
  await step('start the mirror again', async () => {
    await Promise.all([connect.target.resume(mirror.source), connect.target.resume(mirror.checkpoint)])
  })
  return 0
}

async function startAll(parts: Parts, side: Side, step: Step): Promise<void> {
  await step('start the producers', () => startTier(parts, side, 'upstream'))
  await step('start the Dam', () => startTier(parts, side, 'dam'))
  await step('start the consumers', () => startTier(parts, side, 'downstream'))
}

/** Times the steps, then lets what was acked until now come through, and has the ledger judged. */
async function measured(
  parts: Parts,
  to: Side,
  { judgedWithinMs }: Pick<FloorOptions, 'judgedWithinMs'>,
  run: (step: Step) => Promise<number>,
): Promise<FloorResult> {
  const steps: { title: string; ms: number }[] = []
  const fromMs = Date.now()
  const behindOnSource = await run(async (title, work) => {
    const begun = Date.now()
    const outcome = await work()
    steps.push({ title, ms: Date.now() - begun })
    return outcome
  })
  const judge = createJudge(parts.ledger)
  const upstream = apps.filter(({ tier }) => tier === 'upstream')
  const arrived = await waitFor(
    async () => {
      const { producersDown } = await judge({ fromMs, untilMs: Date.now() })
      return (
        upstream.every(({ name }) => producersDown.some((down) => down.app === name && down.to === to)) || undefined
      )
    },
    judgedWithinMs,
    250,
  )
  if (!arrived) throw new Error(`Not every upstream app was acked on the ${to} after ${judgedWithinMs / 1000} s.`)
  const judgement = await settled(parts.ledger, { fromMs, untilMs: Date.now() }, judgedWithinMs)
  return { ...judgement, behindOnSource, steps }
}
