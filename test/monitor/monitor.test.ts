import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createMonitor, type Monitor } from '../../src/monitor/monitor.js'
import type { LagPoint } from '../../src/monitor/samples.js'
import { migrationOf } from '../actions/estate.js'
import { eventually, programs, startLab } from '../connect/kubernetes-lab.js'

const migration = migrationOf([
  { name: 'threads', tier: 'upstream', produces: ['orders'] },
  { name: 'hungry', tier: 'upstream', produces: ['orders'] },
  { name: 'billing', tier: 'downstream', consumes: ['orders'] },
])

describe('the monitor', () => {
  let lab: Awaited<ReturnType<typeof startLab>>
  let monitor: Monitor
  const stop = new AbortController()
  let watching: Promise<void>
  let committed = 0n
  let silent = false

  const offsets = (offset: bigint) => new Map([['orders', new Map([[0, offset]])]])
  const answer = <T>(of: T) => (silent ? Promise.reject(new Error('the brokers are silent')) : Promise.resolve(of))
  const kafka = {
    endOffsets: () => answer(offsets(5000n)),
    startOffsets: () => answer(offsets(0n)),
    sizes: () => answer(offsets(1_000_000n)),
    committed: async (groups: readonly string[]) => new Map(groups.map((group) => [group, offsets(committed)])),
    describe: async (groups: readonly string[]) =>
      groups.map((group) => ({ group, life: 'live' as const, state: 'Stable', members: [] })),
  }

  beforeAll(async () => {
    lab = await startLab()
    for (const app of ['threads', 'hungry', 'billing'])
      await lab.deploy('source', app, programs.steady, { replicas: 0 })
    const rings = new Map<string, LagPoint[]>()
    const samples = {
      push: async (side: string, group: string, topic: string, point: LagPoint) =>
        void rings.set(`${side}/${group}/${topic}`, [...(rings.get(`${side}/${group}/${topic}`) ?? []), point]),
      read: async (side: string, group: string) => new Map([['orders', rings.get(`${side}/${group}/orders`) ?? []]]),
    }
    monitor = createMonitor({ kafka: { source: kafka, target: kafka }, workloads: lab.workloads, samples }, migration)
    watching = monitor.watch(stop.signal, () => undefined)
  }, 60_000)
  afterAll(async () => {
    stop.abort()
    await watching
    await lab?.stop()
  }, 30_000)

  const alert = (cause: string) =>
    eventually(cause, async () => (await monitor.look('source', Date.now())).find((one) => one.cause === cause))

  it('tells a lack of PIDs from a lack of memory by the last words of the container', async () => {
    await redeploy('threads', programs.crashing)
    expect(await alert('pods/source/pid-limit')).toMatchObject({
      severity: 'critical',
      text: expect.stringContaining('More memory will not help'),
    })
  })

  it('sees a kill for memory as what it is', async () => {
    if ('missing' in lab.lab.limits) return console.warn(`skipped: ${lab.lab.limits.missing}`)
    await redeploy('hungry', programs.hungry, '96Mi')
    expect(await alert('pods/source/memory-limit')).toMatchObject({
      text: expect.stringMatching(/hungry-.*OOMKilled, limit 96Mi/),
    })
  })

  it('counts what was born on the target since the waterline', async () => {
    const waterline = { at: 1, offsets: { orders: ['4200'] }, leftBehind: {} }
    expect(await monitor.bornOnTarget(waterline)).toBe(800n)
    expect(await monitor.bornOnTarget(undefined)).toBeNull()
  })

  it('calls a group stalled only while its app is meant to run, and keeps to it while nobody can look', async () => {
    const at = Date.now()
    const lagAlerts = async (now: number) =>
      (await monitor.look('source', now)).filter(({ group }) => group === 'billing')
    for (let i = 0; i <= 20; i++) expect(await lagAlerts(at + i * 5000)).toEqual([])
    const { resourceVersion } = await lab.workloads.source.scale('Deployment/billing')
    await lab.workloads.source.setScale('Deployment/billing', 1, resourceVersion)
    await eventually('a pod', async () =>
      (await lab.workloads.source.seen(['Deployment/billing'])).get('Deployment/billing')!.ready === 1
        ? true
        : undefined,
    )
    const later = at + 200_000
    for (let i = 0; i <= 20; i++) await lagAlerts(later + i * 5000)
    expect(await lagAlerts(later + 105_000)).toMatchObject([{ severity: 'critical', title: 'billing is stalled' }])

    silent = true
    const blind = await monitor.look('source', later + 110_000)
    expect(blind.map(({ cause }) => cause)).toEqual(expect.arrayContaining(['lag/source/billing', 'blind/source/lag']))
    silent = false
    committed = 4900n
    expect(await lagAlerts(later + 115_000)).toEqual([])
  }, 60_000)

  async function redeploy(app: string, program: string, memory?: string) {
    await lab.lab.admin.remove(`/apis/apps/v1/namespaces/shop-source/deployments/${app}`)
    await eventually('it is gone', async () =>
      (await lab.workloads.source.seen([`Deployment/${app}`]).catch(() => undefined)) ? undefined : true,
    )
    await lab.deploy('source', app, program, memory === undefined ? {} : { memory })
  }
})
