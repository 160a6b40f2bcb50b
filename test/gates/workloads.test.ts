import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { appsStart } from '../../src/actions/apps-start.js'
import { appsStop } from '../../src/actions/apps-stop.js'
import { appsAsleep } from '../../src/gates/apps-asleep.js'
import { appsGone } from '../../src/gates/apps-gone.js'
import { appsHealthy } from '../../src/gates/apps-healthy.js'
import { appsReady } from '../../src/gates/apps-ready.js'
import type { Look } from '../../src/gates/gate.js'
import { logsClean } from '../../src/gates/logs-clean.js'
import type { Json } from '../../src/runbook/json.js'
import type { Measured } from '../../src/runbook/language.js'
import { migrationOf } from '../actions/estate.js'
import { eventually, programs, startLab } from '../connect/kubernetes-lab.js'

const migration = migrationOf([
  { name: 'checkout', tier: 'upstream', produces: ['orders'] },
  { name: 'stubborn', tier: 'upstream', produces: ['orders'] },
  { name: 'billing', tier: 'downstream', consumes: ['orders'] },
  { name: 'broken', tier: 'dam', consumes: ['orders'] },
])

describe('gates and actions on workloads', () => {
  let lab: Awaited<ReturnType<typeof startLab>>
  let counts: Json | undefined
  const begun = Date.now()

  beforeAll(async () => {
    lab = await startLab()
    await lab.deploy('source', 'checkout', programs.steady, { replicas: 2 })
    await lab.deploy('source', 'stubborn', programs.slowToEnd)
    await lab.deploy('source', 'billing', programs.complaining)
    await lab.deploy('source', 'broken', programs.steady, { replicas: 0 })
  }, 60_000)
  afterAll(() => lab?.stop(), 30_000)

  const look = (): Look => ({
    now: Date.now(),
    since: begun,
    last: undefined,
    migration,
    fact: async (name) => (name === 'counts' ? counts : undefined),
    alerts: [],
    answers: [],
  })
  const context = () => ({ now: Date.now(), migration, fact: look().fact, stillMine: async () => {} })
  const until = (what: string, verdict: Measured['verdict'], measure: () => Promise<Measured>) =>
    eventually(what, async () => {
      const measured = await measure()
      return measured.verdict === verdict ? measured : undefined
    })
  const upstream = { side: 'source', tier: 'upstream' } as const

  it('finds what is scaled up ready, and a side with an app at zero not healthy', async () => {
    const ready = await until('ready', 'passed', () => appsReady.measure(lab, upstream, look()))
    expect(ready.text).toBe('2 apps on the source (upstream) ready with 3 replicas.')
    const healthy = await appsHealthy.measure(lab, { side: 'source', calm: 60_000 }, look())
    expect(healthy).toMatchObject({ verdict: 'failed', text: expect.stringContaining('broken is scaled to zero') })
    expect(await appsGone.measure(lab, upstream, look())).toMatchObject({
      verdict: 'failed',
      reason: 'replicas-wanted',
    })
    expect(await appsAsleep.measure(lab, { side: 'source' }, look())).toMatchObject({ verdict: 'failed' })
  })

  it('shows the worst line of a log without its secret', async () => {
    const args = logsClean.args.parse({ side: 'source' })
    const measured = await until('an error', 'failed', () => logsClean.measure(lab, args, look()))
    expect(measured.text).toMatch(
      /1 pod of \d on the source wrote errors: billing-\S+ \(1\)\. .* ERROR payment refused, password=\*\*\*$/,
    )
    expect(await logsClean.measure(lab, { ...args, harmless: ['payment refused'] }, look())).toMatchObject({
      verdict: 'passed',
    })
    expect(await logsClean.measure(lab, { ...args, tier: 'upstream' }, look())).toMatchObject({ verdict: 'passed' })
  })

  it('stops a tier, names the pod that takes its time, and starts it again as it was', async () => {
    const stop = await appsStop.plan(lab, upstream, context())
    expect(stop.effects.map(({ text }) => text)).toEqual(['scale checkout from 2 to 0', 'scale stubborn from 1 to 0'])
    counts = stop.facts?.counts
    for (const effect of stop.effects) await appsStop.perform(lab, effect, context())
    const slow = await eventually('the slow one', async () => {
      const measured = await appsGone.measure(lab, upstream, look())
      return measured.reason === 'pods-left' && /^1 pod /.test(measured.text) ? measured : undefined
    })
    expect(slow.text).toMatch(
      /^1 pod on the source \(upstream\) not gone yet: stubborn-\S+ \(Terminating for [\d.]+ m?s\)\.$/,
    )
    await until('gone', 'passed', () => appsGone.measure(lab, upstream, look()))
    expect(await appsReady.measure(lab, upstream, look())).toMatchObject({ verdict: 'failed', reason: 'not-scaled' })

    const start = await appsStart.plan(lab, upstream, context())
    for (const effect of start.effects) await appsStart.perform(lab, effect, context())
    await until('ready again', 'passed', () => appsReady.measure(lab, upstream, look()))
    expect((await appsStart.plan(lab, upstream, context())).effects).toEqual([])
  }, 60_000)

  it('says why an app does not get ready, with its last words', async () => {
    await lab.deploy('target', 'broken', programs.crashing)
    const measured = await eventually('last words', async () => {
      const only = { ...migration, apps: migration.apps.filter(({ name }) => name === 'broken') }
      const found = await appsReady.measure(lab, { side: 'target', tier: 'dam' }, { ...look(), migration: only })
      return found.text.includes('last line') ? found : undefined
    })
    expect(measured.text).toMatch(
      /^1 app of 1 on the target \(dam\) not ready: broken \(0 of 1 ready\)\. Waiting for broken-\S+ \(.*unable to create native thread/,
    )
  })
})
