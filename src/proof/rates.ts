import type { Offsets } from '../connect/kafka/types.js'
import { eachPartition, offsetOf } from './offsets.js'

/** Records per second and topic between two looks; a partition that is in one look only counts as still. */
export function ratePerTopic(before: Offsets, after: Offsets, overMs: number): Record<string, number> {
  const rates: Record<string, number> = {}
  for (const { topic, partition, offset } of eachPartition(after)) {
    const grown = Number(offset - (offsetOf(before, { topic, partition }) ?? offset))
    rates[topic] = (rates[topic] ?? 0) + (Math.max(0, grown) * 1000) / Math.max(1, overMs)
  }
  return rates
}

export function total(rates: Readonly<Record<string, number>>): number {
  return Object.values(rates).reduce((sum, rate) => sum + rate, 0)
}

/** `12.3/s`, `0.4/s`, `1,200/s` */
export function sayRate(rate: number): string {
  return `${rate >= 100 ? Math.round(rate).toLocaleString('en') : Number(rate.toFixed(1))}/s`
}
