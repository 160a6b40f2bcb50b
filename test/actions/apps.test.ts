import { describe, expect, it } from '@jest/globals'
import { appsStart } from '../../src/actions/apps-start.js'
import { appsStop } from '../../src/actions/apps-stop.js'
import type { Migration } from '../../src/config/migration.js'
import type { Json } from '../../src/runbook/json.js'
import { countsOf, migrationOf } from './estate.js'

const shop = migrationOf([
  { name: 'billing', tier: 'downstream', consumes: ['shipped'] },
  { name: 'pricing', tier: 'upstream', consumes: ['orders'], produces: ['priced'] },
  { name: 'checkout', tier: 'upstream', produces: ['orders'] },
  { name: 'dam', tier: 'dam', consumes: ['priced'], produces: ['shipped'] },
])
const context = (migration: Migration, counts?: Json) => ({
  now: 0,
  migration,
  fact: async (name: string) => (name === 'counts' ? counts : undefined),
  stillMine: async () => {},
})

describe('apps-stop', () => {
  it('stops writers before their readers, and a reader only when its inputs are dry', async () => {
    const deps = countsOf({ source: { checkout: 2, pricing: 3 } })
    const plan = await appsStop.plan(deps, { side: 'source', tier: 'upstream', order: 'flow' }, context(shop))
    expect(plan.effects.map((effect) => [effect.text, effect.gate?.gate, effect.gate?.args])).toEqual([
      ['scale checkout from 2 to 0', undefined, undefined],
      ['scale pricing from 3 to 0', 'app-dry', { side: 'source', app: 'pricing' }],
    ])
    expect(plan.facts).toEqual({ counts: { checkout: 2, pricing: 3 } })
  })

  it('plans nothing for what is stopped already, and never takes zero for the count to remember', async () => {
    const deps = countsOf({ source: { checkout: 0, pricing: 1 } })
    const remembered = { checkout: 2, pricing: 3 }
    const plan = await appsStop.plan(deps, { side: 'source', tier: 'upstream' }, context(shop, remembered))
    expect(plan.effects.map((effect) => effect.id)).toEqual(['apps-stop source/pricing'])
    expect(plan.facts).toEqual({ counts: remembered })
    const done = await appsStop.plan(countsOf({}), { side: 'source', tier: 'upstream' }, context(shop, remembered))
    expect(done).toEqual({ effects: [] })
  })

  it('stops a circle of apps together, each with the gate that knows the circle', async () => {
    const retries = migrationOf([
      { name: 'pay', tier: 'upstream', consumes: ['due', 'retry'], produces: ['failed'] },
      { name: 'retrier', tier: 'upstream', consumes: ['failed'], produces: ['retry'] },
      { name: 'source', tier: 'upstream', produces: ['due'] },
    ])
    const deps = countsOf({ source: { pay: 1, retrier: 1, source: 1 } })
    const plan = await appsStop.plan(deps, { side: 'source', tier: 'upstream', order: 'flow' }, context(retries))
    expect(plan.effects.map((effect) => effect.id)).toEqual([
      'apps-stop source/source',
      'apps-stop source/pay',
      'apps-stop source/retrier',
    ])
  })

  it('refuses a tier that reads what a later tier writes, and says which app to move', async () => {
    const crooked = migrationOf([
      { name: 'early', tier: 'upstream', consumes: ['answers'] },
      { name: 'late', tier: 'downstream', produces: ['answers'] },
    ])
    const plan = appsStop.plan(
      countsOf({ source: { early: 1 } }),
      { side: 'source', tier: 'upstream', order: 'flow' },
      context(crooked),
    )
    await expect(plan).rejects.toMatchObject({
      code: 'flow-against-tiers',
      message: expect.stringContaining('Give early the tier downstream'),
    })
  })

  it('does an effect once however often it is performed, and undo is the same effect turned round', async () => {
    const deps = countsOf({ source: { checkout: 2 } })
    const { effects } = await appsStop.plan(deps, { side: 'source', tier: 'upstream' }, context(shop))
    const stop = effects[0]!
    expect(await appsStop.perform(deps, stop, context(shop))).toEqual({ text: 'scaled checkout from 2 to 0' })
    expect(await appsStop.perform(deps, stop, context(shop))).toEqual({ text: 'checkout was already at 0' })
    const undo = { ...stop, before: stop.after, after: stop.before }
    expect(await appsStop.perform(deps, undo, context(shop))).toEqual({ text: 'scaled checkout from 0 to 2' })
    expect(deps.writes).toEqual(['source Deployment/checkout 0', 'source Deployment/checkout 2'])
  })

  it('reads again when a controller has moved the version in between', async () => {
    const deps = countsOf({ source: { checkout: 2 } })
    const { effects } = await appsStop.plan(deps, { side: 'source', tier: 'upstream' }, context(shop))
    const read = deps.workloads.source.scale
    let first = true
    deps.workloads.source.scale = async (workload) => {
      const found = await read(workload)
      if (first) deps.workloads.source.touch(workload)
      first = false
      return found
    }
    expect(await appsStop.perform(deps, effects[0]!, context(shop))).toEqual({ text: 'scaled checkout from 2 to 0' })
  })

  it.each(['before it has read the count', 'between reading the count and writing it'])(
    'leaves what a successor did when it slept %s',
    async (when) => {
      const deps = countsOf({ source: { checkout: 2 } })
      const { effects } = await appsStop.plan(deps, { side: 'source', tier: 'upstream' }, context(shop))
      const stop = effects[0]!
      let mine = true
      const successor = async () => {
        const back = { ...stop, before: stop.after, after: stop.before }
        for (const effect of [stop, back]) await appsStop.perform(deps, effect, context(shop))
        mine = false
      }
      const { source } = deps.workloads
      const { scale, setScale } = source
      if (when.startsWith('before')) await successor()
      else
        source.setScale = async (...written) => {
          Object.assign(source, { setScale })
          await successor()
          return setScale(...written)
        }
      const stillMine = async () => {
        if (!mine) throw new Error('no longer mine')
      }
      await expect(appsStop.perform(deps, stop, { ...context(shop), stillMine })).rejects.toThrow('no longer mine')
      expect((await scale('Deployment/checkout')).replicas).toBe(2)
    },
  )
})

describe('apps-start', () => {
  it('starts each app at the count it had, on whichever side', async () => {
    const deps = countsOf({ target: { checkout: 0, pricing: 1 } })
    const counts = { checkout: 2, pricing: 3 }
    const plan = await appsStart.plan(deps, { side: 'target', tier: 'upstream' }, context(shop, counts))
    expect(plan.effects.map((effect) => [effect.target, effect.text, effect.gate])).toEqual([
      ['target/Deployment/checkout', 'scale checkout from 0 to 2', undefined],
      ['target/Deployment/pricing', 'scale pricing from 1 to 3', undefined],
    ])
    for (const effect of plan.effects) await appsStart.perform(deps, effect, context(shop))
    expect(await appsStart.plan(deps, { side: 'target', tier: 'upstream' }, context(shop, counts))).toEqual({
      effects: [],
    })
  })

  it('refuses to guess a count that nobody remembered', async () => {
    const plan = appsStart.plan(countsOf({}), { side: 'target', tier: 'dam' }, context(shop, { checkout: 2 }))
    await expect(plan).rejects.toMatchObject({
      code: 'count-missing',
      message: expect.stringContaining('Scale Deployment/dam on the target by hand'),
    })
  })
})
