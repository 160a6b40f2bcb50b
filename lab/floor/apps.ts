import { waitFor } from '../readiness.js'
import { apps, type ShopApp, type Tier, topics } from '../shop/estate.js'
import type { Side } from '../types.js'
import type { Parts } from './parts.js'
import { type Place, samePlaces, type Wire } from './wire.js'

const drainedWithinMs = 120_000
const lookEveryMs = 100

/** Flow order: those that only produce first, together; then each reader, once its own group has nothing left to read. */
export async function stopUpstream({ wire, workloads }: Parts, side: Side): Promise<void> {
  const upstream = apps.filter(({ tier }) => tier === 'upstream')
  await Promise.all(upstream.filter(({ reads }) => reads.length === 0).map((app) => workloads.scale(side, app.name, 0)))
  for (const app of upstream.filter(({ reads }) => reads.length > 0)) {
    const dry = await waitFor(
      async () => ((await leftFor(wire[side], app)) === 0 ? true : undefined),
      drainedWithinMs,
      lookEveryMs,
    )
    if (!dry) throw new Error(`${app.name} on the ${side} still has records to read after ${drainedWithinMs / 1000} s.`)
    await workloads.scale(side, app.name, 0)
  }
}

/** Stops a whole tier and waits until its groups have no members. */
export async function stopTier({ wire, workloads }: Parts, side: Side, tier: Tier): Promise<void> {
  const stopped = apps.filter((app) => app.tier === tier)
  await Promise.all(stopped.map((app) => workloads.scale(side, app.name, 0)))
  for (const { name } of stopped.filter(({ reads }) => reads.length > 0)) {
    const empty = await waitFor(
      async () => ((await wire[side].isEmpty(name)) ? true : undefined),
      drainedWithinMs,
      lookEveryMs,
    )
    if (!empty) throw new Error(`The group ${name} on the ${side} still has members after ${drainedWithinMs / 1000} s.`)
  }
}

export async function startTier({ workloads }: Parts, side: Side, tier: Tier): Promise<void> {
  const started = apps.filter((app) => app.tier === tier)
  await Promise.all(started.map((app) => workloads.scale(side, app.name, app.replicas)))
}

/** Log ends and positions at the moment when nobody wrote and nothing was left to read. */
export interface Certificate {
  readonly ends: readonly Place[]
  readonly positions: readonly Place[]
}

/** Waits until no topic has grown for `silenceMs` and every group has drained, seen in one look. */
export async function silentAndDrained({ wire }: Parts, side: Side, silenceMs: number): Promise<Certificate> {
  let still = await wire[side].ends(topics)
  let since = Date.now()
  const certificate = await waitFor(
    async () => {
      const ends = await wire[side].ends(topics)
      if (!samePlaces(ends, still)) {
        still = ends
        since = Date.now()
      }
      if (Date.now() - since < silenceMs) return undefined
      const left = await Promise.all(readers.map((app) => leftFor(wire[side], app)))
      return left.every((count) => count === 0) ? certificateOf(wire[side]) : undefined
    },
    drainedWithinMs + silenceMs,
    lookEveryMs,
  )
  if (!certificate) throw new Error(`The ${side} was not silent and drained after ${drainedWithinMs / 1000} s.`)
  return certificate
}

/** The seal: after the last process is gone, ends and positions are still those of the drain. */
export async function assertSealed({ wire }: Parts, side: Side, drained: Certificate): Promise<void> {
  const now = await certificateOf(wire[side])
  if (!samePlaces(now.ends, drained.ends) || !samePlaces(now.positions, drained.positions))
    throw new Error(`Someone wrote or read on the ${side} after it was drained: the drain proves nothing any more.`)
}

export const readers = apps.filter(({ reads }) => reads.length > 0)

async function certificateOf(wire: Wire): Promise<Certificate> {
  const positions = await Promise.all(readers.map(({ name, reads }) => wire.positions(name, reads)))
  return { ends: await wire.ends(topics), positions: positions.flat() }
}

async function leftFor(wire: Wire, app: ShopApp): Promise<number> {
  return wire.countFrom(await wire.positions(app.name, app.reads))
}
