import { describe, expect, it } from '@jest/globals'
import { groupsPosition } from '../../src/actions/groups-position.js'
import { writesFence } from '../../src/actions/writes-fence.js'
import { writesOpen } from '../../src/actions/writes-open.js'
import type { Acl } from '../../src/connect/kafka/types.js'
import { sayLeftBehind } from '../../src/gates/waterline.js'
import { chain } from '../../src/log/chain.js'
import { fenceOf } from '../../src/proof/acls.js'
import { toJson } from '../../src/proof/offsets.js'
import type { Run } from '../../src/run/state.js'
import { undoPlan } from '../../src/run/undo.js'
import type { Effect } from '../../src/runbook/language.js'
import { migrationOf } from '../gates/look.js'

const topics = Array.from({ length: 1000 }, (_, i) => `a-topic-with-a-name-of-some-length-${i}`)
const partitions = new Map(Array.from({ length: 10 }, (_, i) => [i, 12_345_678n] as const))
const everywhere = new Map(topics.map((topic) => [topic, partitions]))

const bytesInLog = (effect: Effect) => {
  const at = { run: 'cutover-mirror-last-20261130-2205', step: 'stop-dam', attempt: 1 }
  const head = { version: 12_345, head: 'f'.repeat(64) }
  const event = { type: 'effect-planned', ...at, order: 0, effect } as const
  const [entry] = chain(head, [event], { kind: 'engine', replica: 'floodgate-5c9f7-x2x4v' }, 1_796_000_000_000)
  return Buffer.byteLength(JSON.stringify(entry))
}

it('writes one kilobyte into the log for a group that reads 10,000 partitions', async () => {
  const migration = migrationOf(topics, [{ name: 'reader', group: 'reader', consumes: topics }])
  const waterline = { at: 1, offsets: toJson(everywhere), leftBehind: {} }
  const kafka = { committed: async () => new Map() } as never
  const { effects } = await groupsPosition.plan(
    { kafka: { source: kafka, target: kafka }, connect: () => ({ status: async () => undefined }) },
    { side: 'target', at: 'waterline' },
    { now: 1, migration, fact: async (name) => (name === 'waterline' ? waterline : undefined) },
  )
  expect(effects).toHaveLength(1)
  expect(Math.max(...effects.map(bytesInLog))).toBeLessThanOrEqual(1024)
})

describe('the fence of 1,000 topics', () => {
  const long = topics.map((topic) => topic.padEnd(249, 'x').slice(0, 245) + topic.slice(-4).padStart(4, '-'))
  const right = { principal: 'User:shop', permission: 'allow' } as const
  const cluster = (acls: readonly Acl[]) =>
    ({ acls: async () => acls, ownRights: async () => ({ cluster: ['alter'], topics: new Map() }) }) as never

  it.each([
    ['all of them', topics, () => true, 100],
    ['all, with names of 249 characters', long, () => true, 100],
    ['every other, which lie in no row', long, (i: number) => i % 2 === 0, 50],
    ['one', long, (i: number) => i === 999, 1],
  ])('is in few changes, each in less than one kilobyte of the log: %s', async (_, all, isOpen, expected) => {
    const wanted = all.filter((_, i) => isOpen(i))
    const fences = wanted.map(fenceOf)
    const migration = migrationOf(all, [{ name: 'checkout', tier: 'upstream', produces: all, user: 'shop' }])
    const kafka = { source: cluster(fences.map((one) => ({ ...one, ...right }))), target: cluster(fences) }
    const worker = { status: async () => ({ state: 'STOPPED', tasks: [] }), settings: async () => ({}) }
    const context = { now: 1, migration, fact: async () => undefined }
    for (const { effects } of [
      await writesFence.plan({ kafka, connect: () => worker }, { side: 'source', tier: 'upstream' }, context),
      await writesOpen.plan({ kafka } as never, { side: 'target' }, context),
    ]) {
      expect(effects).toHaveLength(expected)
      expect(new Set(effects.map(({ id }) => id)).size).toBe(expected)
      const step = { id: 'x', effects: effects.map((effect) => ({ begun: true, order: 0, effect })) }
      const undone = undoPlan({ steps: [step] } as unknown as Run, 'x').map(({ effect }) => effect)
      expect(Math.max(...[...effects, ...undone].map(bytesInLog))).toBeLessThan(1000)
    }
  })
})

it('says what stays behind on 1,000 topics in a sentence, the largest first', () => {
  const text = sayLeftBehind(Object.fromEntries(topics.map((topic, i) => [topic, i])))
  expect(text).toContain(
    `499,500 records so far stay behind on the source and are processed there (${topics[999]} 999, `,
  )
  expect(text.length).toBeLessThan(400)
})
