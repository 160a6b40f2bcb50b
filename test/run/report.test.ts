import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { chapterOf, reportOf } from '../../src/run/report.js'
import { reportMarkdown } from '../../src/run/report-text.js'
import type { Effect } from '../../src/runbook/language.js'
import { briefLines } from '../../src/slack/messages/brief.js'
import { Estate } from '../estate.js'
import { alice, bob, carol, night } from '../night.js'
import { startRedis } from '../redis.js'
import { ann, began, effect, type Line, linesToEntries, migrationOf, passing } from '../slack/chapters.js'

const facts = {
  waterline: { at: 5, offsets: { orders: ['10', '20'] }, leftBehind: { orders: 3 } },
  'mirror-positions': { at: 4, positions: { orders: ['10', '17'] } },
  certificate: { side: 'source', source: { at: 6, ends: { orders: ['10', '20'] }, commits: {} } },
  orphans: { at: 7, ranges: [{ topic: 'orders', partition: 0, from: '10', to: '12', records: 2 }] },
}

describe('the report of a run', () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  let redis: Redis
  let one: ReturnType<typeof night>
  beforeAll(async () => {
    server = await startRedis()
    redis = new Redis(server.url)
  })
  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })
  beforeEach(async () => {
    await redis.flushall()
    one = night(redis, new Estate(['a', 'b', 'c']))
  })

  it('tells who approved what on which evidence, in the order in which it happened, up to the head', async () => {
    await one.start(alice)
    for (const step of ['one', 'two', 'three']) await one.approve(bob, step)
    const state = await one.finished()
    const report = reportOf(chapterOf(await one.log.entries(), null)!, facts)
    expect(report.head).toEqual({ version: state.version, hash: state.head })
    expect(report.run).toMatchObject({ id: 'night-1', phase: 'finished', requestedBy: 'Alice' })
    expect(report.approvals).toMatchObject([
      {
        by: 'Bob',
        step: 'one',
        plan: ['set a to 0', 'set b to 0'],
        gates: [{ verdict: 'passed', text: 'a is at 2.' }],
        confirmed: [{ verdict: 'passed', text: 'a is at 2.' }],
      },
      { by: 'Bob', step: 'two', plan: ['set c to 0'] },
      { by: 'Bob', step: 'three', plan: ['set a to 2'] },
    ])
    expect(report.steps[0]).toMatchObject({ approvedBy: ['Bob'] })
    expect(reportMarkdown(report)).toContain('What was seen once more, before it acted:')
    expect(reportMarkdown(report)).toContain('| # | step | state | took | approved by |')
    expect(report.timeline.map(({ version }) => version)).toEqual(
      report.timeline.map(({ version }) => version).sort((x, y) => x - y),
    )
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  it('names ranges: the waterline, what stayed behind, what only the target has', async () => {
    await one.start(alice)
    const report = reportOf(chapterOf(await one.log.entries(), null)!, facts)
    expect(report.waterline?.ranges).toEqual([
      { topic: 'orders', partition: 0, from: '0', to: '10' },
      { topic: 'orders', partition: 1, from: '0', to: '20' },
    ])
    expect(report.leftBehind.ranges).toEqual([{ topic: 'orders', partition: 1, from: '17', to: '20' }])
    expect(report.orphans).toMatchObject([{ from: '10', to: '12', records: 2 }])
    expect(report.debt).toEqual([])
    const owing = chapterOf(await one.log.entries(), null)!
    expect(reportOf({ ...owing, state: { ...owing.state, activeSide: 'target' } }, facts).debt).toEqual([
      { topic: 'orders', partition: 0, from: '10', to: null },
      { topic: 'orders', partition: 1, from: '20', to: null },
    ])
  })

  it('tells an older run as it stood at its own end, and knows no run that never was', async () => {
    await one.start(alice)
    await one.say(carol, { do: 'abort', reason: 'wrong | night' })
    await one.say(carol, { do: 'close', reason: 'again tomorrow' })
    const atEnd = reportOf(chapterOf(await one.log.entries(), null)!, {})
    await one.say(carol, { do: 'audit', topic: null })
    await one.start(alice)
    const entries = await one.log.entries()
    const report = reportOf(chapterOf(entries, 'night-1')!, {})
    expect(report).toEqual(atEnd)
    expect(report.run).toMatchObject({ id: 'night-1', phase: 'closed' })
    expect(report.head.version).toBeLessThan(entries.length)
    expect(reportMarkdown(report)).toContain('| Carol | aborted the run: wrong \\| night |')
    expect(chapterOf(entries, 'night-7')).toBeNull()
  })

  it('briefs without contradicting itself while producers are down', () => {
    const scaled: Effect = { ...effect(1), before: { replicas: 2 }, after: { replicas: 0 } }
    const migration = migrationOf(2)
    const apps = migration.apps.map((app, i) => (i === 1 ? app : { ...app, tier: 'downstream' as const }))
    const lines: readonly Line[] = [
      began({ ...migration, apps }),
      ...passing('stop-producers', [scaled]),
      [ann, { type: 'run-aborted', run: 'cutover-1', reason: 'x', onTheWire: [] }],
    ]
    const chapter = chapterOf(linesToEntries(lines), null)!
    const said = briefLines(chapter.state, reportOf(chapter, facts), 0).join('\n')
    expect(said).toMatch(/\*Producers\* stand still since .*, and ran on the source before\.\n/)
    expect(said).toContain('*Debt.* None by producers. Left behind on the source: 3 records when the waterline')
    expect(said).toContain('left there by a way back and no debt any more: 2 records in 1 range.')
    expect(said).toContain('*Aborting.* It is stopped already.')
  })

  it('briefs in ten lines: where it stands, for whom it waits, how to go back', async () => {
    await one.start(alice)
    const state = await one.asked('one')
    const lines = briefLines(state, reportOf(chapterOf(await one.log.entries(), null)!, facts), Date.now())
    expect(lines).toHaveLength(10)
    expect(lines[2]).toMatch(/Approval until .* must approve/)
    expect(lines[7]).toContain('Rolling back now would undo nothing')
    expect(lines[8]).toContain('Free until step 1')
    expect(lines[9]).toContain(state.head.slice(0, 16))
  })
})
