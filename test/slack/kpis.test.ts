import { describe, expect, it } from '@jest/globals'
import type { GroupKpis, Kpis } from '../../src/run/live.js'
import { groupLine, partitionLines, topicLine } from '../../src/slack/messages/kpis.js'

const billing: GroupKpis = {
  group: 'billing',
  state: 'ok',
  records: 1204,
  seconds: 31.26,
  outPerSecond: 0,
  committed: { orders: ['100', null, '7'] },
}
const kpis: Kpis = {
  at: 0,
  side: 'source',
  topics: [{ topic: 'orders', ends: ['1300', '4', '9'], inPerSecond: 12.34, records: 1313, bytes: 45_600 }],
  groups: [billing],
}

describe('the figures of a group and its topics, in words', () => {
  it('says lag, time, rate and state of a group, and leaves out what is not known', () => {
    expect(groupLine(billing)).toBe('*billing*: lag 1,204 offsets, 31.3 s behind, reads 0/s, ok')
    expect(groupLine({ ...billing, records: 1, seconds: null, outPerSecond: null })).toBe('*billing*: lag 1 offset, ok')
  })

  it('says what a topic gets and holds', () => {
    expect(topicLine(kpis.topics[0]!)).toBe('*orders*: 12.3/s in, 1,313 offsets, 45.6 kB')
    expect(topicLine({ ...kpis.topics[0]!, inPerSecond: null, bytes: null })).toBe(
      '*orders*: rate not known yet, 1,313 offsets',
    )
  })

  it('puts the partition first that nobody ever committed on, then the one most behind', () => {
    expect(partitionLines(kpis, billing)).toEqual([
      'orders-1: never committed, log end 4',
      'orders-0: committed 100, log end 1300, lag 1,200',
      'orders-2: committed 7, log end 9, lag 2',
    ])
  })

  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [2_500_000_000, '2.5 GB'],
    [3e15, '3,000 TB'],
  ])('says %d bytes as %s', (bytes, words) => {
    expect(topicLine({ ...kpis.topics[0]!, bytes })).toContain(`, ${words}`)
  })
})
