import { describe, expect, it } from '@jest/globals'
import { mirrorAlone } from '../../src/gates/mirror-alone.js'
import { createLooks, migrationOf } from './look.js'

/** A worker with another connector beside the mirror, in that state. */
const worker = (state: string, tasks: readonly string[]) => ({
  connectors: async () => ['mirror-source', 'other'],
  status: async () => ({ state, tasks: tasks.map((each, id) => ({ id, state: each })) }),
  settings: async () => ({ 'connector.class': 'org.apache.kafka.connect.mirror.MirrorSourceConnector' }),
  offsets: async () => [],
  version: async () => '3.9.2',
})

describe('another connector of the worker that would bring the same topics', () => {
  it.each([
    ['RUNNING', ['RUNNING'], 'failed'],
    ['PAUSED', ['RUNNING'], 'failed'],
    ['STOPPED', ['RUNNING'], 'failed'],
    ['FAILED', ['RUNNING'], 'failed'],
    ['PAUSED', ['PAUSED'], 'passed'],
    ['STOPPED', [], 'passed'],
  ] as const)('is in the way when it is %s with tasks %s: %s', async (state, tasks, verdict) => {
    const deps = { connect: () => worker(state, tasks) }
    const look = createLooks<typeof deps>(deps, migrationOf(['orders'], [{ name: 'app' }]))
    expect(await look(mirrorAlone)).toMatchObject({ verdict })
  })
})

it('sees another checkpoint connector in the way although it is paused with its task', async () => {
  const settings = {
    'connector.class': 'org.apache.kafka.connect.mirror.MirrorCheckpointConnector',
    'sync.group.offsets.enabled': 'true',
  }
  const deps = { connect: () => ({ ...worker('PAUSED', ['PAUSED']), settings: async () => settings }) }
  const reader = { name: 'app', group: 'app', consumes: ['orders'] }
  const look = createLooks<typeof deps>(deps, migrationOf(['orders'], [reader]))
  expect(await look(mirrorAlone)).toMatchObject({ verdict: 'failed', text: expect.stringContaining('offsets of app') })
})

describe("the mirror's own checkpoint connector, which a pause does not keep from moving groups", () => {
  const own = (version: string, sync: string) => ({
    ...worker('STOPPED', []),
    connectors: async () => ['mirror-source', 'mirror-checkpoint'],
    version: async () => version,
    settings: async () => ({
      'connector.class': 'org.apache.kafka.connect.mirror.MirrorCheckpointConnector',
      'sync.group.offsets.enabled': sync,
    }),
  })
  const resource = (stop: 'stopped' | 'paused' | 'replicas') => ({
    name: 'mm2',
    version: 'v1beta2' as const,
    side: 'target' as const,
    stop,
    offsets: 'mirrormaker2-cluster-offsets',
  })

  it.each([
    ['2.8.2', 'true', undefined, 'failed'],
    ['2.8.2', 'false', undefined, 'passed'],
    ['3.5.0', 'true', undefined, 'passed'],
    ['2.8.2', 'true', resource('replicas'), 'passed'],
    ['3.9.2', 'true', resource('stopped'), 'passed'],
    ['3.9.2', 'true', resource('paused'), 'failed'],
  ] as const)('MirrorMaker %s, sync of groups %s, by resource %j: %s', async (version, sync, by, verdict) => {
    const deps = { connect: () => own(version, sync) }
    const plain = migrationOf(['orders'], [{ name: 'app' }])
    const mirror = { ...plain.mirror, checkpoint: 'mirror-checkpoint', ...(by ? { resource: by } : {}) }
    const look = createLooks<typeof deps>(deps, { ...plain, mirror })
    expect(await look(mirrorAlone)).toMatchObject({ verdict })
  })
})
