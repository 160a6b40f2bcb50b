import { describe, expect, it } from '@jest/globals'
import { byHand } from '../../src/gates/pack/by-hand.js'
import type { Standing } from '../../src/gates/pack/standing.js'
import { packText } from '../../src/gates/pack/text.js'
import { migrationOf } from './look.js'

const migration = migrationOf(
  ['orders'],
  [
    { name: 'shop', tier: 'upstream', produces: ['orders'] },
    { name: 'billing', tier: 'downstream', group: 'billing', consumes: ['orders'] },
  ],
)
const [shop, billing] = migration.apps
const offsets = (...of: bigint[]) => new Map([['orders', new Map(of.map((offset, i) => [i, offset]))]])

function standing(change: Partial<Standing> & { on?: 'source' | 'nowhere'; mirrorRuns?: boolean } = {}): Standing {
  const { on = 'source', mirrorRuns = true, ...rest } = change
  const replicas = { source: on === 'source' ? 2 : 0, target: 0 }
  return {
    migration,
    apps: [shop!, billing!].map((app) => ({ ...app, replicas, wanted: 2 })),
    mirror: [
      { url: 'http://m', connector: 'mirror', state: mirrorRuns ? 'RUNNING' : 'STOPPED', atRest: !mirrorRuns },
      { url: 'http://m', connector: 'checkpoints', state: mirrorRuns ? 'RUNNING' : 'STOPPED', atRest: !mirrorRuns },
    ],
    valve: null,
    groups: [{ group: 'billing', topics: ['orders'] }],
    commits: { source: new Map([['billing', offsets(7n, 9n)]]), target: new Map([['billing', offsets(5n, 6n)]]) },
    fenced: [],
    waterline: undefined,
    ...rest,
  }
}
const commands = (steps: ReturnType<typeof byHand>) => steps.flatMap((step) => step.commands)
const has = (text: string) => (line: string) => line.includes(text)

describe('the break-glass pack', () => {
  it('before step 1 stops the mirror, reads the waterline, empties the source and places the groups, in this order', () => {
    const found = commands(byHand(standing(), 'target', 'first'))
    const order = ['mirror/stop', 'kafka-get-offsets', 'deployment/shop --replicas=0', '--describe --group billing']
    order.push(
      'deployment/billing --replicas=0',
      'checkpoints/stop',
      '--reset-offsets',
      'scale deployment/shop --replicas=2',
    )
    const places = order.map((one) => found.findIndex(has(one)))
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(places).not.toContain(-1)
  })

  it('with the mirror last stops it after the source is empty', () => {
    const found = commands(byHand(standing(), 'target', 'last'))
    expect(found.findIndex(has('mirror/stop'))).toBeGreaterThan(found.findIndex(has('deployment/billing --replicas=0')))
    expect(found.findIndex(has('kafka-get-offsets'))).toBeGreaterThan(found.findIndex(has('mirror/stop')))
  })

  it.each([
    ['stopped', 'v1', 'state of a->b.MirrorSourceConnector: stopped', 'state of a->b.MirrorSourceConnector: running'],
    ['paused', 'v1', 'state of a->b.MirrorSourceConnector: paused', 'state of a->b.MirrorSourceConnector: running'],
    ['paused', 'v1beta2', 'pause of a->b.MirrorSourceConnector: true', 'pause of a->b.MirrorSourceConnector: false'],
    ['replicas', 'v1', 'replicas: 0', 'replicas: as many as before'],
  ] as const)(
    'moves a mirror that belongs to an operator through its resource, as migration.yaml has it: %s, %s',
    (stop, version, stopped, running) => {
      const mirror = (atRest: boolean) => [
        { url: 'kafkamirrormaker2:mm2', connector: 'a->b.MirrorSourceConnector', state: 'any', atRest },
      ]
      const resource = { name: 'mm2', side: 'target' as const, version, stop, offsets: 'o' }
      const owned = { ...migration, mirror: { ...migration.mirror, resource } }
      const on = byHand(standing({ mirror: mirror(false), migration: owned }), 'target', 'first')
      const kubectl = 'kubectl --context c --namespace n'
      const seen =
        stop === 'replicas'
          ? `${kubectl} get pods --selector strimzi.io/cluster=mm2,strimzi.io/kind=KafkaMirrorMaker2`
          : `${kubectl} get kafkamirrormaker2 mm2 -o yaml`
      expect(commands(on).slice(0, 2)).toEqual([`${kubectl} edit kafkamirrormaker2 mm2 # ${stopped}`, seen])
      expect(on[0]!.why).toContain({ stopped: 'STOPPED', paused: 'PAUSED', replicas: 'no pod' }[stop])
      const back = commands(byHand(standing({ mirror: mirror(true), migration: owned }), 'source', 'first'))
      expect(back.at(-2)).toContain(`${kubectl} edit kafkamirrormaker2 mm2 # ${running}`)
      expect([...commands(on), ...back].some(has('curl'))).toBe(false)
    },
  )

  it('switches a valve that belongs to an operator through its resource, in the namespace of its side', () => {
    const resource = { version: 'v1' as const, stop: 'stopped' as const }
    const on = (side: 'source' | 'target') => ({ url: `http://${side}`, connector: 'intake', resource })
    const at = {
      kind: 'connect' as const,
      source: on('source'),
      target: on('target'),
      topics: ['orders'],
      rewindable: true,
    }
    const state = (side: 'source' | 'target', running: boolean) => ({
      side,
      connector: 'intake',
      state: 'any',
      running,
      atRest: !running,
      failedTask: undefined,
      tasks: [0, 1],
    })
    const valve = {
      at,
      source: state('source', true),
      target: state('target', false),
      offsets: { source: null, target: null },
    }
    const found = commands(byHand(standing({ valve }), 'target', 'first'))
    for (const change of ['{"spec":{"state":"stopped","pause":null}}', '{"spec":{"state":"running","pause":null}}'])
      expect(found).toContain(
        `kubectl --context c --namespace n patch kafkaconnector intake --type merge --patch '${change}'`,
      )
    const told = JSON.stringify(found)
    expect(told).not.toContain('connectors/intake/stop')
    expect(told).not.toContain('connectors/intake/resume')
    const beside = (side: 'source' | 'target') => ({ ...on(side), resource: { ...resource, namespace: 'kafka' } })
    const elsewhere = { ...valve, at: { ...at, source: beside('source'), target: beside('target') } }
    expect(commands(byHand(standing({ valve: elsewhere }), 'target', 'first')).filter(has('kafkaconnector'))).toEqual([
      expect.stringMatching(/^kubectl --context c --namespace kafka patch/),
      expect.stringMatching(/^kubectl --context c --namespace kafka patch/),
    ])
  })

  describe('a valve is carried', () => {
    type Kind = 'old' | 'new'
    const delivered = [{ partition: { file: 'a' }, offset: { position: 7 } }]
    const on = (side: 'source' | 'target', kind: Kind) => ({
      ...{ url: `http://${side}`, connector: `in-${side}` },
      ...(kind === 'old' ? { offsets: `${side}-books` } : {}),
    })
    const state = (side: 'source' | 'target', state: string) => ({
      ...{ side, connector: `in-${side}`, state, running: state === 'RUNNING', atRest: state !== 'RUNNING' },
      ...{ failedTask: undefined, tasks: state === 'STOPPED' ? [] : [0, 1] },
    })
    const valveOf = (kinds: readonly [Kind, Kind], source: string, target: string) => ({
      at: {
        ...{ kind: 'connect' as const, topics: ['orders'], rewindable: true },
        ...{ source: on('source', kinds[0]), target: on('target', kinds[1]) },
      },
      source: state('source', source),
      target: state('target', target),
      offsets: { source: delivered, target: null },
    })
    const rests = (kind: Kind) => (kind === 'old' ? 'PAUSED' : 'STOPPED')
    const read = {
      old: [
        'source/connectors/in-source/pause',
        'source/connectors/in-source/tasks/0/restart',
        'source/connectors/in-source/tasks/1/restart',
        'kafka-console-consumer --bootstrap-server 127.0.0.1:1 --topic source-books',
      ],
      new: ['source/connectors/in-source/stop', 'curl -sS http://source/connectors/in-source/offsets'],
    }
    const written = {
      old: [
        'target/connectors/in-target/tasks/0/restart',
        'kafka-console-producer --bootstrap-server 127.0.0.1:1 --topic target-books --property parse.key=true',
      ],
      new: ['--data @valve-offsets.json http://target/connectors/in-target/offsets'],
    }

    it.each([
      ['old', 'old', 'each key that begins ["in-source"'],
      ['old', 'new', 'make {"offsets":[{"partition":PARTITION,"offset":OFFSET}]} of them'],
      ['new', 'old', 'make a line ["in-target",PARTITION], a tab, OFFSET'],
      ['new', 'new', 'Keep the last answer as valve-offsets.json'],
    ] as const)('from a Kafka Connect that is %s to one that is %s', (source, target, how) => {
      const open = valveOf([source, target], 'RUNNING', rests(target))
      const steps = byHand(standing({ valve: open }), 'target', 'first')
      const found = commands(steps)
      const order = [...read[source], ...written[target], 'target/connectors/in-target/resume']
      const places = order.map((one) => found.findIndex(has(one)))
      expect(places).toEqual([...places].sort((a, b) => a - b))
      expect(places).not.toContain(-1)
      expect(found.some(has('PATCH'))).toBe(target === 'new')
      // What is kept as the one is closed is what the other is opened by.
      const file = target === 'old' ? 'valve-offsets.txt' : 'valve-offsets.json'
      const [closing, opening] = ['Close the valve', 'Open the valve'].map(
        (begin) => steps.find(({ why }) => why.startsWith(begin))!.why,
      )
      for (const why of [closing, opening]) expect(why!.match(/valve-offsets\.\w+/g)).toEqual([file])
      expect(closing).toContain(how)
      expect(closing).toContain(`until it is ${rests(source)}.`)
      expect(packText(standing({ valve: valveOf([source, target], rests(source), rests(target)) }), 'first')).toContain(
        target === 'old'
          ? '--- valve-offsets.txt\n["in-target",{"file":"a"}]\t{"position":7}\n'
          : '--- valve-offsets.json\n{"offsets":[{"partition":{"file":"a"},"offset":{"position":7}}]}\n',
      )
    })

    it('with no restart of what is stopped, as one by a KafkaConnector is though its offsets go by their topic', () => {
      const valve = valveOf(['old', 'old'], 'RUNNING', 'STOPPED')
      const resource = { version: 'v1' as const, stop: 'stopped' as const }
      const owned = { ...valve, at: { ...valve.at, source: { ...valve.at.source, resource } } }
      const steps = byHand(standing({ valve: owned }), 'target', 'first')
      expect(steps.find(({ why }) => why.startsWith('Close the valve'))?.why).toContain('until it is STOPPED.')
      expect(commands(steps).filter(has('restart'))).toEqual([])
    })
  })

  it('after step 5 only places the groups once more and starts the target; the way back starts the source and the mirror', () => {
    const after = standing({ on: 'nowhere', mirrorRuns: false, waterline: offsets(5n, 6n) })
    expect(commands(byHand(after, 'target', 'first')).filter((line) => !line.includes('get pods'))).toEqual([
      'kafka-consumer-groups --bootstrap-server 127.0.0.1:1 --group billing --reset-offsets --from-file waterline-billing.csv --execute',
      'kubectl --context c --namespace n scale deployment/shop --replicas=2',
      'kubectl --context c --namespace n scale deployment/billing --replicas=2',
    ])
    const back = commands(byHand(after, 'source', 'first'))
    expect(back.filter(has('--replicas=2'))).toHaveLength(2)
    expect(back.at(-2)).toBe('curl -sS -X PUT http://m/connectors/checkpoints/resume')
  })

  it('takes a fence away before the source’s producers start again, and only on the way back', () => {
    const fenced = ['orders', ...Array.from({ length: 20 }, (_, i) => `more-${i}`)]
    const after = standing({ on: 'nowhere', mirrorRuns: false, waterline: offsets(5n, 6n), fenced })
    const back = commands(byHand(after, 'source', 'first'))
    const open = `kafka-acls --bootstrap-server 127.0.0.1:1 --remove --force --deny-principal 'User:*' --operation Write --topic `
    const opening = back.filter(has('kafka-acls'))
    expect(opening).toEqual([`${open}${fenced.slice(0, 20).join(' --topic ')}`, `${open}more-19`])
    expect(back.indexOf(opening[1]!)).toBeLessThan(back.findIndex(has('deployment/shop --replicas=2')))
    expect(commands(byHand(after, 'target', 'first')).some(has('kafka-acls'))).toBe(false)
  })

  it('holds the offsets of both sides as files that the reset reads', () => {
    const text = packText(standing({ on: 'nowhere', mirrorRuns: false, waterline: offsets(5n, 6n) }), 'first')
    expect(text).toContain(
      '--- waterline-billing.csv\norders,0,5\norders,1,6\n--- source-billing.csv\norders,0,7\norders,1,9',
    )
  })

  it('says so when nobody knows how many replicas an app had', () => {
    const unknown = standing({
      on: 'nowhere',
      apps: standing({ on: 'nowhere' }).apps.map((app) => ({ ...app, wanted: undefined })),
    })
    expect(packText(unknown, 'first')).toContain('Nobody knows how many replicas shop had')
  })
})
