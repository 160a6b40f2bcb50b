import { expect, it } from '@jest/globals'
import { tailsEqual } from '../../src/gates/tails-equal.js'
import { targetSilent } from '../../src/gates/target-silent.js'
import { createLooks, migrationOf } from './look.js'

/** Three partitions that hold nothing, and time for one of them in each look. */
function looksOfThree() {
  const none = async () => new Map([['t', new Map([0, 1, 2].map((partition) => [partition, 0n] as const))]])
  const side = { endOffsets: none, startOffsets: none, scan: async () => [], topicConfigs: async () => new Map() }
  const connect = () => ({
    offsets: async () => [],
    settings: async () => ({}),
    status: async () => ({ state: 'STOPPED', tasks: [] }),
  })
  let clock = 0
  const deps = { kafka: { source: side, target: side }, connect, clock: () => (clock += 6000) }
  const look = createLooks(deps, migrationOf(['t'], [{ name: 'p', produces: ['t'] }]))
  // As many records as are held at once, so that each partition is a portion.
  return { records: 50_000, look }
}

it.each([
  ['tails-equal', tailsEqual],
  ['target-silent', targetSilent],
])('%s rests on no comparison of more than ten minutes ago', async (_, gate) => {
  const { records, look } = looksOfThree()
  const at = async (minute: number) => {
    const { verdict, text } = await look(gate as typeof tailsEqual, { records }, minute * 60_000)
    return verdict === 'inconclusive' ? text.split(' compared')[0] : verdict
  }
  expect([await at(1), await at(2), await at(3)]).toEqual(['1 of 3 partitions', '2 of 3 partitions', 'passed'])
  // Kept up by looks that go on, it holds; after a while without any it begins anew.
  expect([await at(10), await at(11), await at(12)]).toEqual(['passed', 'passed', 'passed'])
  expect([await at(21), await at(40)]).toEqual(['2 of 3 partitions', '1 of 3 partitions'])
})
