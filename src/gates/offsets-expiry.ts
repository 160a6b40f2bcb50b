import { z } from 'zod'
import { durationMs, sayDuration } from '../config/duration.js'
import { type Side, sides } from '../config/migration.js'
import type { ConfigEntry } from '../connect/kafka/types.js'
import { gate } from './gate.js'
import type { BrokerEntries, OnKafka } from './reading/clients.js'
import { unlessUnreadable } from './reading/unreadable.js'

const args = z.strictObject({ least: durationMs.default(7 * 24 * 3_600_000) })

/** Commits of a group without members are dropped after this (KIP-211), counted from when its last member left. */
const key = 'offsets.retention.minutes'

export const offsetsExpiry = gate<OnKafka<BrokerEntries>, z.infer<typeof args>>({
  name: 'offsets-expiry',
  proves:
    'commits of stopped groups are kept long enough on both sides to roll back on, and to start on what was positioned',
  args,
  measure: ({ kafka }, { least }) =>
    unlessUnreadable(async () => {
      const kept = await Promise.all(
        sides.map(async (side) => ({ side, ms: shortest([...(await kafka[side].brokerEntries()).values()]) })),
      )
      const evidence = Object.fromEntries(kept.map(({ side, ms }) => [side, ms ?? null]))
      const said = kept.map(({ side, ms }) => `${sayLong(ms)} on the ${side}`).join(', ')
      const short = kept.filter(({ ms }) => ms === undefined || ms < least)
      if (short.length > 0)
        return {
          verdict: 'failed',
          reason: 'short',
          evidence,
          text: `Commits of stopped groups are kept ${said}: too short to roll back within ${sayLong(least)}. Raise ${key} on ${listSides(short)}`,
        }
      return {
        verdict: 'passed',
        evidence,
        text: `Commits of stopped groups are kept ${said}; rolling back by them is possible that long after a group was stopped`,
      }
    }),
})

const listSides = (some: readonly { side: Side }[]) => some.map(({ side }) => `the ${side}`).join(' and ')

function shortest(brokers: readonly (readonly ConfigEntry[])[]): number | undefined {
  const minutes = brokers.map((entries) => Number(entries.find((one) => one.key === key)?.value ?? Number.NaN))
  const found = Math.min(...minutes)
  return Number.isFinite(found) ? found * 60_000 : undefined
}

function sayLong(ms: number | undefined): string {
  if (ms === undefined) return 'unknown'
  const days = ms / 86_400_000
  return days >= 2 ? `${Number.isInteger(days) ? days : days.toFixed(1)} days` : sayDuration(ms)
}
