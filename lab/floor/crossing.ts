import { waitFor } from '../readiness.js'
import { topics } from '../shop/estate.js'
import type { Side } from '../types.js'
import { readers } from './apps.js'
import type { Parts } from './parts.js'
import { type Place, samePlaces } from './wire.js'

const caughtUpWithinMs = 60_000

/** Closes the valve on one side. What it delivered last is in the offsets that it leaves. */
export async function closeValve({ connect, valve }: Parts, side: Side): Promise<void> {
  await connect[side].stop(valve.connector)
}

/** Opens it on the other, at exactly the line behind which it was closed. */
export async function openValve({ connect, valve }: Parts, from: Side, to: Side): Promise<void> {
  const left = await connect[from].offsets(valve.connector)
  if (left.length > 0) await connect[to].setOffsets(valve.connector, left)
  await connect[to].resume(valve.connector)
}

/** Source records that the mirror has not passed on. */
export async function leftBehind({ wire, connect, mirror }: Parts): Promise<number> {
  const offsets = await connect.target.offsets(mirror.source)
  const ends = await wire.source.ends(topics)
  const places = ends.map(({ topic, partition }): Place => {
    const passed = offsets.find((each) => each.partition.topic === topic && each.partition.partition === partition)
    const last = passed?.offset?.offset
    return { topic, partition, offset: last === undefined ? 0n : BigInt(last) + 1n }
  })
  return wire.source.countFrom(places)
}

/** Waits until the mirror is at most so many records behind. Zero is of use only while the source is silent. */
export async function caughtUp(parts: Parts, records: number): Promise<void> {
  const look = async () => ((await leftBehind(parts)) <= records ? true : undefined)
  if (await waitFor(look, caughtUpWithinMs, 100)) return
  throw new Error(`The mirror was still more than ${records} records behind after ${caughtUpWithinMs / 1000} s.`)
}

/** Every partition of every topic that a group reads starts at these places, and is read back. */
export async function placeGroups({ wire }: Parts, at: readonly Place[]): Promise<void> {
  for (const { name, reads } of readers) {
    const wanted = at.filter(({ topic }) => (reads as readonly string[]).includes(topic))
    await wire.target.commit(name, wanted)
    if (!samePlaces(await wire.target.positions(name, reads), wanted))
      throw new Error(`The group ${name} on the target does not stand where it was put.`)
  }
}
