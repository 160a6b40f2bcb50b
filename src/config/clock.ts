import { z } from 'zod'

/** A time of day as people write it: `03:40`. */
export const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 03:40')

/** A time zone by its IANA name: `Europe/Berlin`. */
export const timeZone = z.string().refine(isZone, 'expected a time zone such as Europe/Berlin or UTC')

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const dayMs = 86_400_000

/** The first moment after `after` (epoch milliseconds) at which clocks of that zone show that time. */
export function nextTime(time: string, zone: string, after: number): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number]
  for (let day = 0; ; day++) {
    const local = new Date(asIfUtc(after + day * dayMs, zone))
    const wanted = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate(), hours, minutes)
    // The offset at the wrong moment may differ from that at the right one; a second look settles it.
    const near = wanted - (asIfUtc(wanted, zone) - wanted)
    const at = wanted - (asIfUtc(near, zone) - near)
    if (at > after) return at
  }
}

/** What clocks of the zone show at that moment, read as if it were UTC. */
function asIfUtc(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
}
