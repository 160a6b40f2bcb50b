import { describe, expect, it } from '@jest/globals'
import type { ValveDeps } from '../../src/actions/valve.js'
import { goOn } from '../../src/actions/valve-going-on.js'
import type { ConnectorOffset } from '../../src/connect/kafka-connect/kafka-connect.js'
import type { ConnectValve } from '../../src/gates/reading/valve.js'
import { migrationOf } from '../gates/look.js'

const at = (side: string) => ({ url: `http://${side}`, connector: 'intake' })
const valve: ConnectValve = {
  kind: 'connect',
  source: at('source'),
  target: at('target'),
  topics: ['orders'],
  rewindable: true,
}
const line = (position: number): ConnectorOffset[] => [{ partition: { file: 'a' }, offset: { position } }]

/** Two workers as far as going on touches them; `mineFor`: how often the claim still stands when it is asked. */
function estate({ source = line(7), target = line(3), state = 'STOPPED', mineFor = 9 } = {}) {
  const done: string[] = []
  const delivered = new Map([
    ['http://source', source],
    ['http://target', target],
  ])
  let status = state
  const connect: ValveDeps['connect'] = (url) => ({
    status: async () => ({ state: status, tasks: [{ id: 0, state: status }] }),
    stop: async () => 'stop',
    letGo: async () => undefined,
    resume: async () => {
      done.push('resume')
      status = 'RUNNING'
    },
    offsets: async () => delivered.get(url) ?? [],
    setOffsets: async (_, offsets, stillMine) => {
      await stillMine()
      done.push('write')
      delivered.set(url, [...offsets])
      return undefined
    },
  })
  const kafka = { endOffsets: async () => new Map(), scan: async () => [] }
  const deps: ValveDeps = {
    connect,
    clock: () => 0,
    kafka: {
      source: {
        ...kafka,
        takeOver: async () => {
          throw new Error('nothing is copied here')
        },
      },
      target: kafka,
    },
  }
  const context = {
    now: 0,
    migration: migrationOf(['orders'], [{ name: 'shop' }]),
    fact: async () => undefined,
    stillMine: async () => {
      if (mineFor-- <= 0) throw new Error('another has taken over')
    },
  }
  const go = (from: 'source' | 'target') =>
    goOn(deps, valve, { side: 'target', from, recorded: undefined }, context).then(({ text }) => text)
  return { done, go }
}

describe('a valve that goes on', () => {
  it.each([
    ['has been given its offsets', { mineFor: 1 }, 'source', ['write']],
    ['goes on from where it stood there itself', { mineFor: 0 }, 'target', []],
    ['is found half started', { mineFor: 0, target: line(7), state: 'UNASSIGNED' }, 'source', []],
  ] as const)('is not started by a bot whose claim has run out meanwhile, where it %s', async (_, of, from, left) => {
    const { done, go } = estate(of)
    await expect(go(from)).rejects.toThrow('another has taken over')
    expect(done).toEqual(left)
  })

  it('is started once it holds what it was given, and never with no offsets or with one that is not carried to the digit', async () => {
    const { done, go } = estate()
    expect(await go('source')).toContain('1 offsets carried over from the source')
    expect(done).toEqual(['write', 'resume'])
    for (const [source, code] of [
      [[], 'fact-missing'],
      [line(2 ** 53 + 2), 'inexact'],
    ] as const) {
      const refused = estate({ source: [...source] })
      await expect(refused.go('source')).rejects.toMatchObject({ code })
      expect(refused.done).toEqual([])
    }
  })
})
