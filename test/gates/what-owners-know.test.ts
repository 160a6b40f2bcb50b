import { describe, expect, it } from '@jest/globals'
import { copiesExternal } from '../../src/gates/copies-external.js'
import type { Gate, Look } from '../../src/gates/gate.js'
import { offsetIdentity } from '../../src/gates/offset-identity.js'
import { offsetsExternal } from '../../src/gates/offsets-external.js'
import { stoppedCleanly } from '../../src/gates/stopped-cleanly.js'
import type { Json } from '../../src/runbook/json.js'
import { migrationOf } from './look.js'

const waterline = { at: 1, offsets: { clicks: ['17', '4'] }, leftBehind: {} }
const flink = { name: 'flink', consumes: ['clicks'], offsets: 'external' as const }
const sink = { name: 'index', group: 'index', consumes: ['clicks'], keysByOffset: true }

/** The apps that the gate sees: one for which its owner has given a word is not among them. */
async function measure<Deps>(
  gate: Gate<Deps, never>,
  args: unknown,
  {
    apps = [{ name: 'plain', group: 'plain', consumes: ['clicks'] }],
    ...more
  }: Partial<Look> & { apps?: object[] } = {},
  deps: unknown = {},
) {
  const migration = migrationOf(['clicks'], apps as never)
  const fact = async (name: string) => (name === 'waterline' ? waterline : undefined)
  const look: Look = { now: 2, since: 0, last: undefined, migration, fact, alerts: [], answers: [], ...more }
  return (gate as Gate<unknown>).measure(deps, gate.args.parse(args), look)
}

describe('what only an owner can know', () => {
  it('where an app starts that keeps its own positions: it is told where, and its word is waited for', async () => {
    expect(await measure(offsetsExternal as never, {}, { apps: [flink] })).toMatchObject({
      verdict: 'failed',
      reason: 'external',
      text: expect.stringMatching(/flink \(external\).*clicks 17 4.*\/migrate word APP/),
      evidence: { waterline: { flink: { clicks: ['17', '4'] } } },
    })
    expect(await measure(offsetsExternal as never, {})).toMatchObject({ verdict: 'passed' })
  })

  it('where it goes on after its records were copied back: which copies lie where, and how each says what it is a copy of', async () => {
    const certificate = { side: 'source', source: { at: 1, ends: { clicks: ['20', '4'] }, commits: {} } }
    const ends = { source: { clicks: ['31', '4'] }, target: { clicks: ['27', '4'] } }
    const facts: Record<string, Json> = { waterline, certificate, copy: { at: 2, ends, records: 10, images: {} } }
    const fact = async (name: string) => facts[name]
    const found = await measure(copiesExternal as never, {}, { apps: [flink], fact })
    expect(found).toMatchObject({
      verdict: 'failed',
      reason: 'external',
      evidence: {
        copies: {
          flink: [
            { topic: 'clicks', partition: 0, target: { from: '17', to: '27' }, source: { from: '20', to: '31' } },
            { topic: 'clicks', partition: 1, target: { from: '4', to: '4' }, source: { from: '4', to: '4' } },
          ],
        },
      },
    })
    expect(found.text).toMatch(
      /clicks-0: target 17 to 27 lies on the source at 20 to 31.*floodgate-copied-from.*migrate word/,
    )
    expect(await measure(copiesExternal as never, {}, { fact })).toMatchObject({ verdict: 'passed' })
  })

  it.each([
    ['as far as the waterline or less, nothing is met again', 17n, 'passed'],
    ['beyond the waterline, what has these offsets already is met again', 18n, 'failed'],
  ])('whether offsets may be used twice: where the source ends %s', async (_, end, verdict) => {
    const ends = new Map([['clicks', new Map([[0, end]])]])
    const deps = { kafka: { source: { endOffsets: async () => ends } } }
    expect(await measure(offsetIdentity as never, {}, { apps: [sink] }, deps)).toMatchObject({ verdict })
  })

  it('what a pod had in hand that was killed when its grace was over', async () => {
    const alert = (cause: string) => ({ cause, severity: 'warning' as const, text: 'billing-1: exit 137.' })
    const look = (...causes: string[]) =>
      measure(stoppedCleanly as never, { side: 'source' }, { alerts: causes.map(alert) })
    expect(await look('pods/source/grace-exceeded')).toMatchObject({
      verdict: 'failed',
      reason: 'grace-exceeded',
      text: expect.stringContaining('billing-1: exit 137.'),
    })
    // Killed for memory, or on the other side: named elsewhere, and no sign of an end that was cut short.
    expect(await look('pods/source/memory-limit', 'pods/target/grace-exceeded')).toMatchObject({ verdict: 'passed' })
  })
})

describe('what migration.yaml may say of an app', () => {
  it.each([
    [
      'commits by a timer, and settles in less than it takes',
      { name: 'a', group: 'a', consumes: ['clicks'], commits: 'auto', settle: 1000 },
      /settle: 5s or more/,
    ],
    ['keeps its own positions, and has a group', { ...flink, group: 'flink' }, /consumes, and has no group/],
    ['reads in no way at all', { name: 'a', consumes: ['clicks'] }, /an app that consumes has a group/],
  ])('not that it %s', (_, app, why) => {
    expect(() => migrationOf(['clicks'], [app as never])).toThrow(why)
  })
})
