import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createConnectorResource } from '../../../src/connect/strimzi/connector.js'
import { linesOn, type Road, startRoad } from '../../gates/road.js'
import { startLab } from '../kubernetes-lab.js'
import { startConnectorOperator } from './operator.js'

describe('a valve whose connectors belong to Strimzi', () => {
  let kubernetes: Awaited<ReturnType<typeof startLab>>
  let road: Road
  let operator: Awaited<ReturnType<typeof startConnectorOperator>>
  let lines = 0

  beforeAll(async () => {
    ;[kubernetes, road] = await Promise.all([startLab(), startRoad('3.9', '4')])
    const { source, target } = road.lab.connect
    const byRest = road.deps.connect
    road.deps.connect = (url) =>
      createConnectorResource(
        byRest(url),
        kubernetes.workloads[url === source.url ? 'source' : 'target'].kafkaConnectors,
        { name: 'valve', version: 'v1', stop: 'stopped' },
      )
    await road.createTopics()
    await road.startMirrorAndValve()
    const urls = { source: source.url, target: target.url }
    operator = await startConnectorOperator(kubernetes.lab, 'valve', urls, { source: 'running', target: 'stopped' })
  }, 240_000)
  afterAll(async () => {
    await operator?.stop()
    await Promise.all([road?.stop(), kubernetes?.stop()])
  }, 60_000)

  const write = async (count: number) => {
    for (let n = 0; n < count; n++) await road.writeLine(`line-${lines++}`)
  }
  const all = (count: number) => Array.from({ length: count }, (_, n) => `line-${n}`).sort()
  const states = async () => [await operator.stateOf('source'), await operator.stateOf('target')]

  it('is switched by its resources while its offsets go by REST: each line comes once', async () => {
    await write(5)
    await road.until(async () => (await linesOn(road, 'source')).length === 5)
    await road.passes('caught-up', { records: 0, seconds: 0 })
    await road.act('mirror-stop')
    for (const gate of ['mirror-final', 'waterline']) await road.passes(gate)

    // An operator that has more to do closes it later than the action waits.
    operator.hold(true)
    await road.act('valve-close', { side: 'source' })
    expect(await states()).toEqual(['stopped', 'stopped'])
    expect(await road.measure('valve-closed', { side: 'source' })).toMatchObject({ verdict: 'failed', reason: 'open' })
    operator.hold(false)
    await road.passes('valve-closed', { side: 'source' })
    await write(5)
    await road.act('valve-open', { side: 'target' })
    expect(await states()).toEqual(['stopped', 'running'])
    for (const gate of ['valve-on', 'no-resnapshot']) await road.passes(gate, { side: 'target' })
    await road.until(async () => (await linesOn(road, 'target')).length >= 10)
    expect(await linesOn(road, 'source')).toEqual(all(5))
    expect(await linesOn(road, 'target')).toEqual(all(10))
    expect(road.facts.get('valve-offsets')).toMatchObject({ closed: { side: 'source' }, opened: { side: 'target' } })
  }, 120_000)

  it('is given up: it stands where it stood, also for an opening that finds its closing unrecorded', async () => {
    await road.undo()
    await road.passes('valve-on', { side: 'source' })
    await road.until(async () => (await linesOn(road, 'source')).length >= 10)
    expect(road.facts.get('valve-offsets')).toMatchObject({ opened: { side: 'source' } })
    await road.passes('mirror-runs')
    await road.passes('caught-up', { records: 0, seconds: 0 })
    await road.act('mirror-stop')
    for (const gate of ['mirror-final', 'waterline']) await road.passes(gate)
    const mirrored = (await linesOn(road, 'target')).length
    operator.hold(true)
    await road.act('valve-close', { side: 'source' })
    operator.hold(false)
    await road.passes('valve-closed', { side: 'source' })
    await road.act('valve-open', { side: 'target' })
    for (const gate of ['valve-on', 'no-resnapshot']) await road.passes(gate, { side: 'target' })
    await write(1)
    await road.until(async () => (await linesOn(road, 'target')).includes(`line-${lines - 1}`))
    expect(await linesOn(road, 'target')).toHaveLength(mirrored + 1)
    expect(await linesOn(road, 'source')).toEqual(all(10))
  }, 120_000)

  it('and goes back by them', async () => {
    const before = await linesOn(road, 'target')
    await road.act('valve-close', { side: 'target' })
    await road.passes('valve-closed', { side: 'target' })
    await write(5)
    await road.act('valve-open', { side: 'source' })
    for (const gate of ['valve-on', 'no-resnapshot']) await road.passes(gate, { side: 'source' })
    expect(await states()).toEqual(['running', 'stopped'])
    await road.until(async () => (await linesOn(road, 'source')).length >= 15)
    expect(await linesOn(road, 'source')).toEqual(all(lines).filter((line) => line !== 'line-10'))
    expect(await linesOn(road, 'target')).toEqual(before)
  }, 120_000)
})
