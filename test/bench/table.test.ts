import { describe, expect, it } from '@jest/globals'
import { rowOf } from '../../bench/row.js'
import { isMissed } from '../../bench/table.js'

describe('a goal of the bench', () => {
  const ours = [3, 1, 2]
  const peer = { name: 'peer', values: [10] }
  it.each([
    { name: 'is kept by the median, whatever the worst run was', measured: { goal: 2 }, missed: false },
    { name: 'is missed above it', measured: { goal: 1.9 }, missed: true },
    { name: 'may bound the ratio to a peer', measured: { peer, ratioGoal: 0.2 }, missed: false },
    { name: 'is missed when the peer is not so far behind', measured: { peer, ratioGoal: 0.19 }, missed: true },
    { name: 'is missed when there is no peer to compare with', measured: { ratioGoal: 0.2 }, missed: true },
    { name: 'is not missed where none was set', measured: {}, missed: false },
  ])('$name', ({ measured, missed }) => {
    expect(isMissed(rowOf('suite', { name: 'one', unit: 's', ours, ...measured }))).toBe(missed)
  })
})
