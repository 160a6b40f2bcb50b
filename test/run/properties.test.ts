import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { brokenRules } from './rules.js'
import { createWorld, foldOf, type Happening, happenings } from './world.js'

/** What keeps a night going comes up more often than what disturbs it, or no run would get far. */
const usual: readonly Happening['what'][] = [
  'engine',
  'engine',
  'engine',
  'engine',
  'approve',
  'approve',
  'approve',
  'perform',
  'perform',
]

const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...happenings) },
  ),
  who: fc.constantFrom(0, 1, 1, 1, 2, 2, 2, 3),
  back: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(6) }),
  pick: fc.nat(11),
  ms: fc.oneof(
    { weight: 100, arbitrary: fc.nat(900) },
    { weight: 7, arbitrary: fc.constant(6000) },
    { weight: 1, arbitrary: fc.constant(7_300_000) },
  ),
})
const night = fc.record({
  calm: fc.nat(20),
  after: fc.array(happening, { minLength: 20, maxLength: 100, size: 'max' }),
})
function lived({ calm, after }: { calm: number; after: readonly Happening[] }, policy: 'operators' | 'two') {
  const world = createWorld(policy)
  world.calm(calm)
  for (const one of after) world.happen(one)
  return world
}
const settings = { numRuns: process.env.FLOODGATE_FULL ? 10_000 : 300 }

describe('whatever happens, in any order, repeated, late, from two replicas', () => {
  it.each(['operators', 'two'] as const)('the log keeps every rule of a run (policy %s)', (policy) => {
    fc.assert(
      fc.property(night, (one) => {
        const world = lived(one, policy)
        expect(brokenRules(world.entries, world.inRole)).toEqual([])
      }),
      settings,
    )
  })

  it('the same log gives the same state, in memory and read back from Redis', () => {
    fc.assert(
      fc.property(night, (one) => {
        const world = lived(one, 'two')
        expect(foldOf(JSON.parse(JSON.stringify(world.entries)))).toEqual(world.state())
      }),
      { numRuns: settings.numRuns / 5 },
    )
  })
})
