import { describe, expect, it } from '@jest/globals'
import type { Ack, Processing } from '../../lab/ledger/index.js'
import { judged } from '../../lab/ledger/judge.js'

const ack = (number: number, app = 'checkout', atMs = 1_000, side = 'source'): Ack => ({ number, app, side, atMs })
const done = (number: number, group: string, atMs = 1_100): Processing => ({
  number,
  group,
  side: 'source',
  atMs,
  topic: 'shipments',
  partition: 0,
  offset: '7',
})
const both = (number: number) => [done(number, 'fulfilment'), done(number, 'billing')]

describe('the judge', () => {
  it.each([
    ['nothing, of two empty books', [], [], { lost: 0, duplicated: 0, unknown: 0 }],
    ['an order that both groups processed', [ack(1)], both(1), { lost: 0, duplicated: 0, unknown: 0 }],
    ['an order that one group never saw', [ack(1)], [done(1, 'billing')], { lost: 1, duplicated: 0, unknown: 0 }],
    ['an order that nobody saw, at each group', [ack(1)], [], { lost: 2, duplicated: 0, unknown: 0 }],
    ['a second processing', [ack(1)], [...both(1), done(1, 'billing')], { lost: 0, duplicated: 1, unknown: 0 }],
    ['a third, beside a lost one', [ack(1)], [1, 2, 3].map(() => done(1, 'billing')), { lost: 1, duplicated: 2 }],
    ['a stock movement, which is not billed', [ack(1, 'stock')], [done(1, 'fulfilment')], { lost: 0, duplicated: 0 }],
    ['a line in the valve file', [ack(1, 'outside')], both(1), { lost: 0, duplicated: 0 }],
    ['what intake passed on, counted once', [ack(1, 'outside'), ack(1, 'intake')], [], { acked: 1, lost: 2 }],
    ['an order that was never acked', [], both(4), { lost: 0, duplicated: 0, unknown: 1 }],
  ])('counts %s', (_, acks, processings, expected) => {
    expect(judged(acks, processings)).toMatchObject(expected)
  })

  it('names the orders, and where each copy lay', () => {
    const { examples } = judged([ack(1), ack(2)], [...both(1), done(1, 'billing')])
    expect(examples.lost).toEqual([
      { number: 2, group: 'fulfilment', at: [] },
      { number: 2, group: 'billing', at: [] },
    ])
    const copy = { side: 'source', topic: 'shipments', partition: 0, offset: '7' }
    expect(examples.duplicated).toEqual([{ number: 1, group: 'billing', at: [copy, copy] }])
  })

  it('takes the age from the ack to the later group, of what was processed in the window', () => {
    const books = [
      [ack(1), ack(2, 'checkout', 5_000)],
      [
        done(1, 'fulfilment', 1_300),
        done(1, 'billing', 4_000),
        done(2, 'fulfilment', 5_100),
        done(2, 'billing', 5_200),
      ],
    ] as const
    expect(judged(...books).worstAgeMs).toBe(3_000)
    expect(judged(...books, { fromMs: 4_500, untilMs: 9_000 }).worstAgeMs).toBe(200)
  })

  it('takes the downtime of the app that was down longest, of this window alone', () => {
    const acks = [
      ack(1, 'checkout', 1_000, 'source'),
      ack(2, 'stock', 1_500, 'source'),
      ack(3, 'checkout', 3_000, 'target'),
      ack(4, 'stock', 9_500, 'target'),
      ack(5, 'checkout', 10_000, 'target'),
      ack(6, 'stock', 10_000, 'target'),
      ack(7, 'checkout', 10_500, 'source'),
      ack(8, 'stock', 10_600, 'source'),
    ]
    const cutover = judged(acks, [], { fromMs: 0, untilMs: 9_900 })
    expect(cutover.producersDown).toEqual([
      { app: 'stock', from: 'source', to: 'target', ms: 8_000 },
      { app: 'checkout', from: 'source', to: 'target', ms: 2_000 },
    ])
    expect(judged(acks, [], { fromMs: 9_900, untilMs: 20_000 }).producersDownMs).toBe(600)
    expect(judged(acks, [], { fromMs: 10_300, untilMs: 20_000 }).producersDown).toHaveLength(2)
    expect(judged(acks, [], { fromMs: 0, untilMs: 2_000 }).producersDownMs).toBeUndefined()
  })
})
