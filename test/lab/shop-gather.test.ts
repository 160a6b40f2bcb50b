import { describe, expect, it } from '@jest/globals'
import type { KafkaMessage } from 'kafkajs'
import { createGather, positionsAfter, type Slice } from '../../lab/shop/gather.js'

const slice = (partition: number, ...offsets: number[]): Slice => ({
  topic: 'orders',
  partition,
  messages: offsets.map((offset) => ({ offset: String(offset) }) as KafkaMessage),
})

/** What was carried, as `partition: offsets`, one line each time; each carrying ends when it is let go. */
function carrying() {
  const carried: string[] = []
  const holds: (() => void)[] = []
  const gather = createGather(async (slices) => {
    carried.push(slices.map((each) => `${each.partition}: ${each.messages.map(({ offset }) => offset)}`).join('; '))
    await new Promise<void>((resolve) => holds.push(resolve))
  })
  /** Waits until the slices are being carried for the nth time. */
  const begun = async (times: number) => {
    while (carried.length < times) await new Promise((resolve) => setImmediate(resolve))
  }
  return { gather, carried, begun, letGo: () => holds.shift()?.() }
}

describe('the gathering of slices', () => {
  it('carries what partitions deliver together in one go, and what comes meanwhile in the next', async () => {
    const { gather, carried, begun, letGo } = carrying()
    const first = Promise.all([gather.add(slice(0, 5, 6)), gather.add(slice(1, 9))])
    await begun(1)
    const second = gather.add(slice(2, 1))
    letGo()
    await first
    await begun(2)
    letGo()
    await second
    expect(carried).toEqual(['0: 5,6; 1: 9', '2: 1'])
  })

  it('does not take again what a rejoin delivers again, also while it is still being carried', async () => {
    const { gather, carried, begun, letGo } = carrying()
    const first = gather.add(slice(0, 5, 6))
    await begun(1)
    await gather.add(slice(0, 5, 6))
    const second = gather.add(slice(0, 6, 7))
    letGo()
    await first
    await begun(2)
    letGo()
    await second
    expect(carried).toEqual(['0: 5,6', '0: 7'])
  })

  it('places a group behind the last record that it read', () => {
    expect(positionsAfter([slice(3, 41, 44)])).toEqual([{ topic: 'orders', partition: 3, offset: '45' }])
  })
})
