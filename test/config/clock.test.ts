import { describe, expect, it } from '@jest/globals'
import { nextTime, timeOfDay, timeZone } from '../../src/config/clock.js'

const utc = (text: string) => Date.parse(`${text}Z`)

describe('the next time at which clocks show a time', () => {
  it.each([
    ['later today', '04:00', 'UTC', '2026-06-01T01:00', '2026-06-01T04:00'],
    ['tomorrow, since it is that time now', '04:00', 'UTC', '2026-06-01T04:00', '2026-06-02T04:00'],
    ['in summer time', '04:00', 'Europe/Berlin', '2026-06-01T01:00', '2026-06-01T02:00'],
    ['over midnight of the zone, not of UTC', '00:30', 'Asia/Tokyo', '2026-06-01T14:00', '2026-06-01T15:30'],
    ['in the night in which summer time begins', '04:00', 'Europe/Berlin', '2026-03-28T23:30', '2026-03-29T02:00'],
    ['in the night in which it ends', '04:00', 'Europe/Berlin', '2026-10-24T22:30', '2026-10-25T03:00'],
    ['in a zone of half hours', '04:00', 'Asia/Kolkata', '2026-06-01T01:00', '2026-06-01T22:30'],
  ])('%s', (_, time, zone, after, expected) => {
    expect(new Date(nextTime(time, zone, utc(after))).toISOString().slice(0, 16)).toBe(expected)
  })

  it('is of a time of day and of a zone that exist', () => {
    expect(['24:00', '4:00', '04:60', 'four'].map((text) => timeOfDay.safeParse(text).success)).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(timeZone.safeParse('Europe/Atlantis').success).toBe(false)
  })
})
