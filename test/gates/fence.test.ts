import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { aclsCreate } from '../../src/actions/acls-create.js'
import { actions } from '../../src/actions/index.js'
import { writesFence } from '../../src/actions/writes-fence.js'
import { writesOpen } from '../../src/actions/writes-open.js'
import type { Acl } from '../../src/connect/kafka/types.js'
import { aclsParity } from '../../src/gates/acls-parity.js'
import { appsGone } from '../../src/gates/apps-gone.js'
import { fenced } from '../../src/gates/fenced.js'
import type { Gate } from '../../src/gates/gate.js'
import { gates } from '../../src/gates/index.js'
import { noWrites } from '../../src/gates/no-writes.js'
import type { PodSeen, SeesWorkloads } from '../../src/gates/workloads.js'
import type { Memory } from '../../src/jobs/look.js'
import { createLooking } from '../../src/jobs/looking.js'
import { anyFence, droppedBySync, fenceOf, isFence, sayAcl } from '../../src/proof/acls.js'
import { emptyState, type Run, type StepRun } from '../../src/run/state.js'
import { waitsForGate } from '../../src/run/waivers.js'
import { createRunbooks } from '../../src/runbook/files.js'
import type { Effect } from '../../src/runbook/language.js'
import { eventually, programs, startLab } from '../connect/kubernetes-lab.js'
import { createDoing } from './doing.js'
import { guardedCluster, mirrorThatIs } from './guarded.js'
import { createLooks, migrationOf } from './look.js'

const right = (principal: string, operation: Acl['operation'], name: string, more: Partial<Acl> = {}): Acl => ({
  resource: 'topic',
  name,
  pattern: 'literal',
  principal: `User:${principal}`,
  host: '*',
  operation,
  permission: 'allow',
  ...more,
})
const rights = [
  right('shop', 'write', 'orders'),
  right('legacy', 'all', 'ord', { pattern: 'prefixed' }),
  right('billing', 'read', 'orders'),
  right('billing', 'read', 'billing', { resource: 'group' }),
]

describe.each([
  ['3.9', '4'],
  ['2.4', '2.8'],
] as const)('clusters that check rights, %s and %s', (from, to) => {
  let source: Awaited<ReturnType<typeof guardedCluster>>
  let target: Awaited<ReturnType<typeof guardedCluster>>
  let lab: Awaited<ReturnType<typeof startLab>>
  const migration = migrationOf(
    ['orders', 'closed', 'ordinary'],
    [
      { name: 'checkout', tier: 'upstream', produces: ['orders'], user: 'shop' },
      { name: 'sleeper', tier: 'upstream', produces: ['orders'], user: 'sleeper' },
    ],
  )

  beforeAll(async () => {
    ;[source, target, lab] = await Promise.all([guardedCluster(from), guardedCluster(to), startLab()])
    for (const topic of migration.topics)
      await source.kafka.createTopic({ topic, partitions: 1, replicas: 1, configs: {} })
    await source.kafka.addAcls(rights)
    await source.until(async () => (await source.kafka.acls())!.length === rights.length)
    await lab.deploy('source', 'checkout', programs.steady, { replicas: 1 })
    await lab.deploy('source', 'sleeper', programs.steady, { replicas: 0 })
    await eventually('a pod', async () => {
      const seen = await lab.workloads.source.seen(['Deployment/checkout'])
      return seen.get('Deployment/checkout')!.pods[0]
    })
  }, 240_000)
  afterAll(async () => {
    await Promise.all([source?.stop(), target?.stop(), lab?.stop()])
  }, 60_000)

  const deps = () => ({
    kafka: { source: source.kafka, target: target.kafka },
    kafkaUsers: async () => undefined,
    connect: () => mirrorThatIs('STOPPED'),
    workloads: lab.workloads,
  })

  it('say which rights are missing on the target, and what MirrorMaker itself would bring of them', async () => {
    const look = createLooks(deps(), migration)
    const found = await look(aclsParity)
    expect(found).toMatchObject({ verdict: 'failed', reason: 'missing', evidence: { differing: rights.length } })
    // Of writing, prefixes and groups it brings nothing: only that billing may read orders.
    expect(found.text).toContain('would bring 1 of them')
    const dropped = [
      'ALLOW WRITE (allow User:shop write topic orders)',
      'prefixes (allow User:legacy all topic ord*)',
      'what is not on a topic (allow User:billing read group billing)',
    ]
    for (const one of dropped) expect(found.text).toContain(one)

    const doing = createDoing(deps(), migration)
    expect(await doing.act(aclsCreate)).toHaveLength(3)
    await target.until(async () => (await look(aclsParity)).verdict === 'passed')
    const { text } = await look(aclsParity)
    for (const one of dropped) expect(text).toContain(one)
    if (from === '2.4') expect(text).toContain('the users of the source cannot be listed (Kafka before 2.7)')
    else expect(text).not.toContain('cannot be listed')
    expect(await doing.plan(aclsCreate)).toEqual([])
    await doing.undo()
    await target.until(async () => (await target.kafka.acls())!.length === 0)
  })

  it('name whoever still writes: its apps with their pods, and strangers whom an ACL lets', async () => {
    await source.until(() => source.writes('shop', 'orders'))
    const look = createLooks(deps(), migration)
    await look(noWrites, { side: 'source' })
    await source.writes('legacy', 'orders')
    const { text, verdict } = await look(noWrites, { side: 'source' })
    expect(verdict).toBe('failed')
    expect(text).toMatch(
      /produced by checkout \(1 pod still there\), sleeper \(no pod\); ACLs also let legacy write it/,
    )
  })

  it('are fenced against every writer without taking a right away, and opened again by undo', async () => {
    const before = await source.kafka.acls()
    const doing = createDoing(deps(), migration)
    // A topic that no ACL lets be written needs no fence, and would be shut to readers by its first ACL.
    expect((await doing.plan(writesFence, { side: 'source' })).map(({ on }) => on)).toEqual([
      { side: 'source', topics: '0,2', digest: expect.any(String) },
    ])
    expect(await source.writes('shop', 'orders')).toBe(true)
    expect(await source.writes('legacy', 'ordinary')).toBe(true)
    const look = createLooks(deps(), migration)
    expect(await look(fenced, { side: 'source' })).toMatchObject({ verdict: 'failed', reason: 'open' })
    expect(await look(fenced, { side: 'source', stands: false })).toMatchObject({ verdict: 'passed' })
    await doing.act(writesFence, { side: 'source' })
    expect(await look(fenced, { side: 'source' })).toMatchObject({
      verdict: 'passed',
      evidence: { shut: ['orders', 'ordinary'] },
    })
    expect(await look(fenced, { side: 'source', stands: false })).toMatchObject({ verdict: 'failed', reason: 'shut' })
    await source.until(async () => !(await source.writes('shop', 'orders')))
    expect(await source.writes('legacy', 'orders')).toBe(false)
    expect(await source.writes('legacy', 'ordinary')).toBe(false)
    expect(await doing.plan(writesFence, { side: 'source' })).toEqual([])

    await doing.undo()
    await source.until(() => source.writes('shop', 'orders'))
    expect(await source.kafka.acls()).toEqual(expect.arrayContaining([...before!]))
    expect(await source.kafka.acls()).toHaveLength(before!.length)

    await doing.act(writesFence, { side: 'source' })
    await source.until(async () => !(await source.writes('shop', 'orders')))
    await createDoing(deps(), migration).act(writesOpen, { side: 'source' })
    await source.until(() => source.writes('shop', 'orders'))
  }, 60_000)

  it('are fenced when the pods are gone, not before: an app that is ending still sends what it holds', async () => {
    const [effect] = await createDoing(deps(), migration).plan(writesFence, { side: 'source', tier: 'upstream' })
    expect(effect?.gate).toMatchObject({ gate: 'apps-gone', args: { side: 'source', tier: 'upstream' } })
  })

  it('are fenced tier by tier: what an app that still runs may write stays open, and so do the topics of the valve', async () => {
    const dam = { name: 'router', tier: 'dam' as const, consumes: ['orders'], group: 'router' }
    const plans = async (of: typeof migration, args: object) =>
      (await createDoing(deps(), of).plan(writesFence, { side: 'source', ...args })).map(({ text }) => text)
    const withDam = (app: object) => ({
      ...migration,
      apps: [...migration.apps, { ...migration.apps[0]!, ...dam, ...app }],
    })
    expect(await plans(withDam({ produces: [], user: 'router' }), { tier: 'upstream' })).toEqual([
      'deny everybody to write orders',
    ])
    expect(await plans(withDam({ produces: ['orders'], user: 'router' }), { tier: 'upstream' })).toEqual([])
    // Its own word does not say so, but its user may.
    expect(await plans(withDam({ produces: [], user: 'legacy' }), { tier: 'upstream' })).toEqual([])
    expect(await plans(withDam({ produces: [], user: 'legacy' }), {})).toEqual([
      'deny everybody to write 2 topics (orders, ordinary)',
    ])
    const valve = { kind: 'person' as const, what: 'the pump', role: 'operators', topics: ['orders'] }
    expect(await plans({ ...migration, valve }, {})).toEqual(['deny everybody to write ordinary'])
  })

  it('are not fenced by a bot that may not: the plan says so, before anything is stopped', async () => {
    const bot = [right('floodgate', 'describe', 'kafka-cluster', { resource: 'cluster' })]
    await source.kafka.addAcls(bot)
    const kafka = { source: source.as('floodgate'), target: target.kafka }
    await source.until(async () => (await kafka.source.acls()) !== undefined)
    expect(await createDoing({ ...deps(), kafka }, migration).plan(writesFence, { side: 'source' })).toEqual([])
    await source.kafka.removeAcls(bot)
  })
})

describe('a mirror that still runs', () => {
  const migration = migrationOf(
    ['orders'],
    [{ name: 'checkout', tier: 'upstream', produces: ['orders'], user: 'shop' }],
  )
  const planned = (worker: ReturnType<typeof mirrorThatIs>, side: 'source' | 'target') => {
    const cluster = {
      acls: async (): Promise<readonly Acl[] | undefined> => rights,
      aclsOfBrokers: async () => new Map([['one', rights]]),
      addAcls: async () => undefined,
      removeAcls: async () => undefined,
      ownRights: async () => ({ cluster: ['alter' as const], topics: new Map() }),
    }
    const deps = { kafka: { source: cluster, target: cluster }, connect: () => worker }
    return createDoing(deps, migration).plan(writesFence, { side })
  }

  it('and copies ACLs would carry the fence to the target: nothing is fenced beside it', async () => {
    for (const settings of [{}, { 'sync.topic.acls.enabled': 'true' }])
      expect(await planned(mirrorThatIs('RUNNING', settings), 'source')).toEqual([])
    expect(await planned(mirrorThatIs('STOPPED'), 'source')).toHaveLength(1)
    expect(await planned(mirrorThatIs('RUNNING', { 'sync.topic.acls.enabled': 'false' }), 'source')).toHaveLength(1)
    expect(await planned(mirrorThatIs('RUNNING'), 'target')).toHaveLength(1)
  })
})

describe('one app of which a pod hangs', () => {
  const migration = migrationOf(
    ['orders'],
    [
      { name: 'checkout', tier: 'upstream', produces: ['orders'] },
      { name: 'stuck', tier: 'upstream', produces: ['orders'] },
    ],
  )
  const hanging: PodSeen = {
    name: 'stuck-1',
    phase: 'Running',
    ready: false,
    createdAt: 0,
    terminatingSince: 1,
    restarts: 0,
  }
  const seen = async () =>
    new Map([
      ['Deployment/checkout', { replicas: 0, ready: 0, pods: [] }],
      ['Deployment/stuck', { replicas: 0, ready: 0, pods: [hanging] }],
    ])
  const cluster = {
    acls: async (): Promise<readonly Acl[] | undefined> => rights,
    aclsOfBrokers: async () => new Map([['one', rights]]),
    addAcls: async () => undefined,
    removeAcls: async () => undefined,
    ownRights: async () => ({ cluster: ['alter' as const], topics: new Map() }),
  }

  it.each([
    [[], 'wait'],
    // Not waited for before it is stopped; but what it still sends must not meet the fence.
    [['force'], 'wait'],
    [['word'], 'passed'],
    [['exclude'], 'passed'],
  ] as const)('keeps the fence waiting unless it was left out or vouched for: %j', async (ways, outcome) => {
    const deps = { kafka: { source: cluster, target: cluster }, connect: () => mirrorThatIs('STOPPED') }
    const [effect] = await createDoing(deps, migration).plan(writesFence, { side: 'source', tier: 'upstream' })
    const remembered = new Map<string, Memory>()
    const looking = createLooking({
      gates: new Map([[appsGone.name, appsGone as Gate<SeesWorkloads>]]),
      gateDeps: { workloads: { source: { seen }, target: { seen } } },
      evidence: { put: async () => undefined, get: async () => null },
      memory: {
        get: async (name) => remembered.get(name),
        set: async (name, memory) => {
          remembered.set(name, memory)
        },
      },
      live: { set: async () => undefined },
    })
    const run = { id: 'r', migration, waivers: ways.map((how) => ({ app: 'stuck', how })) } as unknown as Run
    const step = { id: 's', attempt: 1, phase: { is: 'acting', since: 0 }, answers: [] } as unknown as StepRun
    expect(waitsForGate(run, (effect!.on as { app?: string }).app)).toBe(true)
    const looked = await looking.look(emptyState, run, step, 'effects', [effect!.gate!], 2, effect!.id)
    expect(looked.outcome).toBe(outcome)
  })
})

describe('a fence that stands on the target already', () => {
  const migration = migrationOf(['orders', 'closed'], [{ name: 'checkout', tier: 'upstream', produces: ['orders'] }])
  const registries = { policies: migration.policies, roles: { ...migration.roles, owners: {} } }
  const everybody: Partial<Acl> = { principal: 'User:*', permission: 'deny' }
  it.each([
    ['none', rights, 'passed', 'no fence stands'],
    ['no authorizer', undefined, 'passed', 'no authorizer'],
    [
      'one of ours',
      [...rights, fenceOf('orders')],
      'failed',
      "On 1 topic a fence stands: take it away by kafka-acls --bootstrap-server 127.0.0.1:1 --remove --force --deny-principal 'User:*' --operation Write",
    ],
    [
      'one of somebody else',
      [...rights, right('', 'all', 'clo', { pattern: 'prefixed', ...everybody })],
      'failed',
      'On 1 topic it is another DENY',
    ],
    ['of another topic', [...rights, fenceOf('theirs')], 'passed', 'no fence stands'],
    ['against reading', [...rights, right('', 'read', 'orders', everybody)], 'passed', 'no fence stands'],
  ] as const)('is named before anything is changed: %s', async (_, acls, verdict, said) => {
    const side = { acls: async (): Promise<readonly Acl[] | undefined> => acls }
    const look = createLooks({ kafka: { source: side, target: side } }, migration)
    const found = await look(fenced, { side: 'target', stands: false })
    expect(found).toMatchObject({ verdict, text: expect.stringContaining(said) })
  })

  it.each(['prepare', 'cutover', 'cutover-mirror-last'])(
    'stops %s before its first change to the mirror',
    async (name) => {
      const { steps } = await createRunbooks('runbooks', gates, actions, registries).load(name)
      const first = steps.findIndex((step) => step.do.some(({ action }) => /^(mirror|valve|apps)-/.test(action)))
      expect(steps.slice(0, first + 1).flatMap(({ think }) => think)).toContainEqual(
        expect.objectContaining({ gate: 'fenced', args: { side: 'target', stands: false }, warn: false }),
      )
    },
  )
})

describe('a change of several topics', () => {
  const topics = ['orders', 'ordinary', 'ordered']
  const migration = migrationOf(topics, [{ name: 'checkout', tier: 'upstream', produces: topics }])
  /** What was asked of a cluster that has these. */
  const cluster = (acls: readonly Acl[]) => {
    const has = new Map(acls.map((acl) => [sayAcl(acl), acl]))
    const asked: string[][] = []
    const kafka = {
      acls: async () => [...has.values()],
      aclsOfBrokers: async () => new Map([['one', [...has.values()]]]),
      addAcls: async (some: readonly Acl[]) => {
        asked.push(some.map(({ name }) => name))
        for (const acl of some) has.set(sayAcl(acl), acl)
      },
      removeAcls: async (some: readonly Acl[]) => {
        asked.push(some.map(({ name }) => name))
        for (const acl of some) has.delete(sayAcl(acl))
      },
      ownRights: async () => ({ cluster: ['alter' as const], topics: new Map() }),
    }
    const deps = { kafka: { source: kafka, target: kafka }, connect: () => mirrorThatIs('STOPPED') }
    return { deps, asked, fences: () => [...has.values()].filter(isFence).map(({ name }) => name) }
  }
  const context = { now: 0, migration, fact: async () => undefined, stillMine: async () => undefined }
  const perform = (deps: ReturnType<typeof cluster>['deps'], effect: Effect) =>
    writesFence.perform(deps, effect, context)

  it('is one request, and one for its undo; what stood fenced before is neither planned nor opened', async () => {
    const { deps, asked, fences } = cluster([...rights, fenceOf('ordinary')])
    const doing = createDoing(deps, migration)
    expect(await doing.act(writesFence, { side: 'source' })).toEqual([
      'nobody may write 2 topics (orders, ordered) but super users',
    ])
    await doing.undo()
    expect(asked).toEqual([
      ['orders', 'ordered'],
      ['orders', 'ordered'],
    ])
    expect(fences()).toEqual(['ordinary'])
  })

  it('begins again where it broke off, and is undone as a whole', async () => {
    const [effect] = await createDoing(cluster(rights).deps, migration).plan(writesFence, { side: 'source' })
    const { deps, asked, fences } = cluster([...rights, fenceOf('ordinary')])
    expect((await perform(deps, effect!)).text).toBe(
      'nobody may write 3 topics (orders, ordinary and 1 more) but super users; 1 of them was so already',
    )
    expect(asked).toEqual([['orders', 'ordered']])
    expect((await perform(deps, effect!)).text).toBe('3 topics (orders, ordinary and 1 more) were so already')
    expect(asked).toHaveLength(1)
    await perform(deps, { ...effect!, before: effect!.after, after: effect!.before })
    expect(fences()).toEqual([])
  })

  it('has another name in an attempt that finds other topics open, so that undo knows both', async () => {
    const planned = async (fenced: string) => {
      const { deps } = cluster([...rights, fenceOf(fenced)])
      return (await createDoing(deps, migration).plan(writesFence, { side: 'source' })).map(({ id }) => id)
    }
    expect(await planned('ordinary')).not.toEqual(await planned('ordered'))
    expect(await planned('ordinary')).toEqual(await planned('ordinary'))
  })

  it('is of no other topics than it was planned with', async () => {
    const { deps, asked } = cluster(rights)
    const [effect] = await createDoing(deps, migration).plan(writesFence, { side: 'source' })
    const other = { ...context, migration: { ...migration, topics: ['new', ...topics] } }
    await expect(writesFence.perform(deps, effect!, other)).rejects.toMatchObject({ code: 'fact-changed' })
    expect(asked).toEqual([])
  })

  it('was of one topic in older logs, and is done and undone all the same', async () => {
    const { deps, fences } = cluster(rights)
    const effect = {
      id: 'writes-fence source/orders',
      action: 'writes-fence',
      target: 'source/topic/orders',
      before: { fenced: false },
      after: { fenced: true },
      on: { side: 'source', topic: 'orders' },
      text: 'deny everybody to write orders',
    }
    expect((await perform(deps, effect)).text).toBe('nobody may write orders but super users')
    expect(fences()).toEqual(['orders'])
    await perform(deps, { ...effect, before: effect.after, after: effect.before })
    expect(fences()).toEqual([])
  })
})

describe('a cluster of several brokers', () => {
  const migration = migrationOf(
    ['orders', 'ordinary'],
    [{ name: 'checkout', tier: 'upstream', produces: ['orders'], user: 'shop' }],
  )
  const worker = mirrorThatIs('STOPPED')

  it('is fenced, and opened again, when the last of them has learnt of it', async () => {
    const known: Acl[][] = [[...rights], [...rights], [...rights]]
    let asked = 0
    const change = (make: (before: Acl[]) => Acl[]) => {
      known[0] = make(known[0]!)
      asked = 0
    }
    const cluster = {
      acls: async (): Promise<readonly Acl[] | undefined> => known[0],
      // One more of them learns with each look.
      aclsOfBrokers: async () => {
        const before = known.map((acls, i) => [`broker ${i}`, acls] as const)
        known[++asked] = known[asked] ? [...known[0]!] : known[0]!
        return new Map(before)
      },
      addAcls: async (acls: readonly Acl[]) => change((before) => [...before, ...acls]),
      removeAcls: async (acls: readonly Acl[]) =>
        change((before) => before.filter((one) => !acls.some((acl) => sayAcl(acl) === sayAcl(one)))),
      ownRights: async () => ({ cluster: ['alter' as const], topics: new Map() }),
    }
    const doing = createDoing({ kafka: { source: cluster, target: cluster }, connect: () => worker }, migration)
    const fences = () => known.slice(0, 3).map((acls) => acls.filter(isFence).length)
    await doing.act(writesFence, { side: 'source' })
    expect(fences()).toEqual([2, 2, 2])
    await doing.undo()
    expect(fences()).toEqual([0, 0, 0])
  })

  it('of which one is silent is fenced without it, and not taken for opened before it answers', async () => {
    let has: readonly Acl[] = rights
    let answers: 'silent' | 'as the others' = 'silent'
    const cluster = {
      acls: async () => has,
      aclsOfBrokers: async () =>
        new Map<string, readonly Acl[] | 'silent'>([
          ['one:9092', has],
          ['two:9092', answers === 'silent' ? 'silent' : has],
        ]),
      addAcls: async (acls: readonly Acl[]) => {
        has = [...has, ...acls]
      },
      removeAcls: async (acls: readonly Acl[]) => {
        has = has.filter((one) => !acls.some((acl) => sayAcl(acl) === sayAcl(one)))
      },
      ownRights: async () => ({ cluster: ['alter' as const], topics: new Map() }),
    }
    const doing = createDoing({ kafka: { source: cluster, target: cluster }, connect: () => worker }, migration)
    await doing.act(writesFence, { side: 'source' })
    expect(has.filter(isFence)).toHaveLength(2)
    await expect(doing.undo()).rejects.toThrow(/not known of two:9092, which does not answer/)
    answers = 'as the others'
    await doing.undo()
    expect(has).toEqual(rights)
  })

  it('is asked broker by broker: one that stands still for a while keeps the fence from being opened for that long', async () => {
    const source = await guardedCluster('3.9', 3)
    try {
      for (const topic of migration.topics)
        await source.kafka.createTopic({ topic, partitions: 1, replicas: 1, configs: {} })
      await source.kafka.addAcls(rights)
      const all = async (holds: (acls: readonly Acl[]) => boolean, like: Partial<Acl> = anyFence) => {
        const brokers = [...(await source.kafka.aclsOfBrokers(like)).values()]
        return brokers.length === 3 && brokers.every((acls) => acls !== 'silent' && holds(acls))
      }
      const likes: [Partial<Acl>, readonly Acl[]][] = [
        [{}, rights],
        [{ resource: 'topic', pattern: 'literal', name: 'orders' }, [rights[0]!, rights[2]!]],
        [{ resource: 'topic', pattern: 'prefixed' }, [rights[1]!]],
        [{ principal: 'User:billing', operation: 'read', host: '*', permission: 'allow' }, rights.slice(2)],
        [anyFence, []],
      ]
      const said = (acls: readonly Acl[]) => acls.map(sayAcl).sort().join()
      for (const [like, found] of likes) await source.until(() => all((acls) => said(acls) === said(found), like))
      const doing = createDoing(
        { kafka: { source: source.kafka, target: source.kafka }, connect: () => worker },
        migration,
      )
      await doing.act(writesFence, { side: 'source' })
      expect(await all((acls) => acls.filter(isFence).length === 2)).toBe(true)

      const paused = await source.follower()
      paused.pause()
      let opened = false
      const undoing = doing.undo().finally(() => {
        opened = true
      })
      // The others are asked meanwhile, and have opened.
      await source.until(async () => !(await source.kafka.acls())!.some(isFence))
      expect(opened).toBe(false)
      paused.resume()
      await undoing
      expect(await all((acls) => !acls.some(isFence))).toBe(true)
    } finally {
      await source.stop()
    }
  }, 120_000)
})

describe("MirrorMaker's own ACL sync", () => {
  it.each([
    ['reading', right('a', 'read', 'orders'), undefined],
    ['a fence', fenceOf('orders'), undefined],
    ['writing', right('a', 'write', 'orders'), 'ALLOW WRITE'],
    ['everything', right('a', 'all', 'orders'), 'ALLOW ALL, which it makes a READ'],
    ['a prefix', right('a', 'read', 'ord', { pattern: 'prefixed' }), 'prefixes'],
    ['a group', right('a', 'read', 'orders', { resource: 'group' }), 'what is not on a topic'],
    ['another topic', right('a', 'read', 'theirs'), 'topics that it does not mirror'],
  ] as const)('brings or drops: %s', (_, acl, why) => {
    expect(droppedBySync(acl, ['orders'])).toBe(why)
  })

  it('is told by what it drops where all rights are given already', async () => {
    const side = { acls: async (): Promise<readonly Acl[] | undefined> => rights, scramUsers: async () => [] }
    const deps = { kafka: { source: side, target: side }, kafkaUsers: async () => undefined }
    const look = createLooks(deps, migrationOf(['orders'], [{ name: 'one', produces: ['orders'], user: 'shop' }]))
    expect(await look(aclsParity)).toMatchObject({
      verdict: 'passed',
      text: expect.stringContaining(
        "MirrorMaker's own sync drops ALLOW WRITE (allow User:shop write topic orders), prefixes",
      ),
    })
  })
})

describe('users of apps', () => {
  it('are one each, so that a fence and a trace can tell apps apart', async () => {
    const shared = { user: 'shop', produces: ['orders'] }
    const migration = migrationOf(
      ['orders'],
      [
        { name: 'one', ...shared },
        { name: 'two', ...shared },
      ],
    )
    const side = { acls: async (): Promise<readonly Acl[] | undefined> => rights, scramUsers: async () => [] }
    const deps = { kafka: { source: side, target: side }, kafkaUsers: async () => undefined }
    expect(await createLooks(deps, migration)(aclsParity)).toMatchObject({
      verdict: 'failed',
      reason: 'shared-user',
      text: expect.stringContaining('shop by one, two'),
    })
  })

  it('that log in by certificate are not said to be known where nobody can be asked', async () => {
    const side = { acls: async (): Promise<readonly Acl[] | undefined> => [], scramUsers: async () => [] }
    const resources = [{ name: 'partner', principal: 'User:CN=partner', authentication: 'tls' }]
    const kafkaUsers = async (of: 'source' | 'target') => (of === 'source' ? resources : undefined)
    const deps = { kafka: { source: side, target: side }, kafkaUsers }
    const { verdict, text } = await createLooks(
      deps,
      migrationOf(['orders'], [{ name: 'one', produces: ['orders'] }]),
    )(aclsParity)
    expect(verdict).toBe('passed')
    expect(text).toContain('whether partner can log in on the target cannot be asked')
    expect(text).not.toContain('1 KafkaUser')
  })
})
