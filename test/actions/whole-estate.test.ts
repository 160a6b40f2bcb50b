import { expect, it } from '@jest/globals'
import { groupsPosition } from '../../src/actions/groups-position.js'
import { sayLeftBehind } from '../../src/gates/waterline.js'
import { chain } from '../../src/log/chain.js'
import { toJson } from '../../src/proof/offsets.js'
import { migrationOf } from '../gates/look.js'

const topics = Array.from({ length: 1000 }, (_, i) => `a-topic-with-a-name-of-some-length-${i}`)
const partitions = new Map(Array.from({ length: 10 }, (_, i) => [i, 12_345_678n] as const))
const everywhere = new Map(topics.map((topic) => [topic, partitions]))

it('writes one kilobyte into the log for a group that reads 10,000 partitions', async () => {
  const migration = migrationOf(topics, [{ name: 'reader', group: 'reader', consumes: topics }])
  const waterline = { at: 1, offsets: toJson(everywhere), leftBehind: {} }
  const kafka = { committed: async () => new Map() } as never
  const { effects } = await groupsPosition.plan(
    { kafka: { source: kafka, target: kafka }, connect: () => ({ status: async () => undefined }) },
    { side: 'target', at: 'waterline' },
    { now: 1, migration, fact: async (name) => (name === 'waterline' ? waterline : undefined) },
  )
  const at = { run: 'cutover-20261130-2205', step: 'stop-dam', attempt: 1 }
  const head = { version: 12_345, head: 'f'.repeat(64) }
  for (const effect of effects) {
    const event = { type: 'effect-planned', ...at, order: 0, effect } as const
    const [entry] = chain(head, [event], { kind: 'engine', replica: 'floodgate-5c9f7-x2x4v' }, 1)
    expect(Buffer.byteLength(JSON.stringify(entry))).toBeLessThanOrEqual(1024)
  }
  expect(effects).toHaveLength(1)
})

it('says what stays behind on 1,000 topics in a sentence, the largest first', () => {
  const text = sayLeftBehind(Object.fromEntries(topics.map((topic, i) => [topic, i])))
  expect(text).toContain(
    `499,500 records so far stay behind on the source and are processed there (${topics[999]} 999, `,
  )
  expect(text.length).toBeLessThan(400)
})
