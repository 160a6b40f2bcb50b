import { describe, expect, it } from '@jest/globals'
import type { AclOperation } from '../../src/connect/kafka/types.js'
import type { ConnectValve } from '../../src/gates/reading/valve.js'
import { notCarried } from '../../src/gates/reading/valve-offsets.js'
import { rights } from '../../src/gates/rights.js'
import { createLooks, migrationOf } from './look.js'

const books = 'connect-offsets'
const worker = (version: string) => ({
  version: async () => version,
  connectors: async () => ['intake'],
  offsets: async () => [{ partition: { file: 'a' }, offset: { position: 7 } }],
})
const ends = (end: bigint) => async () => new Map([[books, new Map([[0, end]])]])

function valveOf(of: Partial<ConnectValve['source']>): ConnectValve {
  const at = { url: 'http://connect', connector: 'intake', ...of }
  return { kind: 'connect', source: at, target: at, topics: ['orders'], rewindable: true }
}

describe('a side of the valve, by the version of its Kafka Connect', () => {
  it.each([
    ['2.8.2', 'paused', undefined],
    ['3.5.1', 'paused', undefined],
    ['3.6.0', 'paused', 'only-paused'],
    ['3.9.2', 'paused', 'only-paused'],
    ['3.9.2', 'stopped', undefined],
  ] as const)('%s: a KafkaConnector that is %s', async (version, stop, reason) => {
    const kafka = { startOffsets: ends(0n), endOffsets: ends(1n) }
    const deps = { kafka: { source: kafka, target: kafka }, connect: () => worker(version) }
    const resource = { version: 'v1' as const, stop }
    for (const named of [{ offsets: books }, ...(version.startsWith('3.9') ? [{}] : [])]) {
      const found = await notCarried(deps, valveOf({ resource, ...named }), 'target')
      expect(found?.reason).toBe(reason)
      if (reason) expect(found?.text).toMatch(/say stop: stopped in valve\.target\.resource/)
    }
  })

  it.each([
    ['2.8.2', ['WRITE of topic connect-offsets on the source', 'WRITE of topic connect-offsets on the target']],
    ['3.6.0', undefined],
  ])('%s: whether the bot has to write the topic in which it keeps its offsets', async (version, missing) => {
    const all: AclOperation[] = ['read', 'describe', 'describe-configs', 'alter', 'alter-configs']
    const ownRights = async (topics: readonly string[]) => ({
      cluster: all,
      topics: new Map(topics.map((topic) => [topic, topic === books ? (['read', 'describe'] as const) : all])),
    })
    const deps = {
      kafka: { source: { ownRights }, target: { ownRights } },
      connect: () => ({ version: async () => version }),
    }
    const migration = { ...migrationOf(['orders'], [{ name: 'shop' }]), valve: valveOf({ offsets: books }) }
    const found = await createLooks(deps, migration)(rights)
    expect(found.verdict).toBe(missing ? 'failed' : 'passed')
    expect((found.evidence as { missing?: string[] } | undefined)?.missing).toEqual(missing)
  })
})
